#!/bin/sh
# own.sh CRONJOB PROJECT VERB MODEL: refuse a schedule's name that is too long for a cluster, and one that a schedule of
# another project, verb or model has there. MODEL is empty where there is none.
refuse() {
    echo "error: $1" >&2
    exit 2
}

[ ${#1} -le 52 ] || refuse "$1: a CronJob's name has 52 letters at most, and this one ${#1}; shorten the name of \
${4:+models/$4.py, or of }the project, $2"
label='{.metadata.labels.app\.kubernetes\.io'
found=$(oc get "cronjob/$1" --ignore-not-found -o jsonpath="$label/part-of} $label/component} $label/instance}") || exit 2
found=$(printf %s "$found" | sed 's/ training / train /') # as it was called before there were schedules of other verbs
[ -z "$found" ] || [ "$found" = "$2 $3 $4" ] || refuse "cronjob/$1 is not of project, verb and model '$2 $3 $4', but of \
'$found'; rename a model, or end that one: oc delete cronjob/$1"
