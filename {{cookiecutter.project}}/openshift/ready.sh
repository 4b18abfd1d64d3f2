#!/bin/sh
# ready.sh [NAME:TAG]: is somebody logged in to a cluster, and is there such an image? If not, one line says so.
refuse() { # the first line that oc printed for people: after it comes advice, before it what a library logs
    line=$(printf '%s\n' "$said" | grep -vE '^[EWI][0-9]{4} |^$' | head -n 1)
    echo "error: $1${line#error: }$2" >&2
    exit 1
}

command -v oc >/dev/null || {
    echo "error: oc is not installed; your cluster offers it under ? > Command line tools" >&2
    exit 1
}
said=$(oc whoami 2>&1) || case $said in
*logged\ in* | *configuration* | *Unauthorized*) refuse 'oc: ' '; log in first: oc login' ;;
*) refuse 'oc: ' '' ;;
esac
[ $# = 0 ] || said=$(oc get "imagestreamtag/$1" 2>&1) || case $said in
*NotFound*:latest\"* | *NotFound*imagestreams.*) refuse 'no image to run: ' '; first: make build' ;;
*NotFound*) refuse 'no image to run: ' "; give the newest this tag: oc tag ${1%:*}:latest $1" ;;
*) refuse '' '' ;;
esac
