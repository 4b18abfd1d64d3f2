#!/bin/sh
# logs.sh NAME [JOB]: follow what the newest Job of the project NAME prints, or the one that is named: from when it waits
# for a pod until it has ended. What it waits for and how it ended goes to stderr. The exit code is 0 when the Job is
# complete, 1 when it failed, 2 when it could not be seen.
set -u
name=$1 job=${2-} said='' ended='' followed='' read='' saw='' since='' idle=0

tell() { # each line once: a reason may go and come
    printf '%s\n' "$said" | grep -qxF -e "$1" && return
    printf '%s\n' "$1" >&2
    said="$said
$1"
}

ask() { # twice, as a cluster may not answer for a moment
    oc get "$@" 2>/dev/null || { sleep 2 && oc get "$@"; } || exit 2
}

warning() { # the newest one about an object, of kind $1, in one line; whoever may not read events does without
    oc get events --field-selector "involvedObject.kind=$1,involvedObject.name=$2,type=Warning" \
        --sort-by=.lastTimestamp -o jsonpath='{range .items[*]}{"\n@"}{.reason}: {.message}{end}' 2>/dev/null |
        awk '/^@/ { text = substr($0, 2); next } NF { text = text " " $0 } END { print text }'
}

fields='phase={.status.phase}{"\n"}pod={.status.reason}: {.status.message}{"\n"}'
fields=$fields'{range .status.conditions[?(@.type=="PodScheduled")]}unscheduled={.reason}: {.message}{"\n"}{end}'
fields=$fields'{range .status.containerStatuses[?(@.name=="train")]}running={.state.running.startedAt}{"\n"}'
fields=$fields'waiting={.state.waiting.reason}: {.state.waiting.message}{"\n"}'
fields=$fields'ended={.state.terminated.reason}, exit code {.state.terminated.exitCode}{"\n"}{end}'

look() { # at a pod
    state=$(ask "$1" --ignore-not-found -o jsonpath="$fields") || exit 2
}

says() { # the first of these fields in which the pod says something
    for field; do
        printf '%s\n' "$state" | sed -n "s/^$field=//p"
    done | sed -n 's/: $//; s/^, exit code $//; /./{p;q;}'
}

how() { # the pod ended, and what may help
    end=$(says pod ended)
    case $end in
    *OOMKilled*) end="$end; memory=… gives it more" ;;
    DeadlineExceeded*) end="$end; deadline=… gives it longer" ;;
    *'exit code 75') end="$end; the run is kept: make upload-job" ;;
    *'exit code 2') end="$end; its log says what to mend" ;;
    esac
    printf %s "${end:-${saw:-it left no word of how, for it is gone}}"
}

tell_end() { # of a pod, while the Job goes on
    case " $ended " in *" $1 "*) return ;; esac
    look "$1"
    tell "$1 has ended: $(how)"
    ended="$ended $1"
}

follow() { # the log of a pod, from the line on after which it broke off; in `since` is the moment of the last line
    [ "$followed" = "$1" ] || since='' idle=0 saw=''
    followed=$1
    {
        last=$({ oc logs --follow --timestamps ${since:+"--since-time=$since"} "$1" -c train 2>&4 | LC_ALL=C awk -v since="$since" \
            '$1 > since { at = $1; sub(/^[^ ]+ ?/, ""); print; fflush() } END { print at > "/dev/stderr" }'; } 2>&1 >&3)
    } 3>&1 4>&2
    [ -n "$last" ] && idle=0 since=$last || idle=$((idle + 1))
}

job=${job##*/} # as oc prints them, with their kind
if [ -z "$job" ]; then
    jobs=$(ask jobs -l "app.kubernetes.io/part-of=$name" --sort-by=.metadata.creationTimestamp -o name) || exit 2
    job=$(printf '%s\n' "$jobs" | sed -n '$s|.*/||p')
    [ -n "$job" ] || { echo "error: there is no Job; make job-knn starts one" >&2 && exit 2; }
fi

while :; do
    conditions=$(ask "job/$job" --ignore-not-found -o jsonpath='there
{range .status.conditions[?(@.status=="True")]}{.type} {.reason}: {.message}{"\n"}{end}') || exit 2
    [ -n "$conditions" ] || { echo "error: job/$job is not there" >&2 && exit 2; }
    over=$(printf '%s\n' "$conditions" | sed -n 's/^Failed //p')
    pods=$(ask pods -l "batch.kubernetes.io/job-name=$job" --sort-by=.metadata.creationTimestamp -o name) || exit 2
    pod=$(printf '%s\n' "$pods" | tail -n 1) state=''
    for each in $followed $pods; do
        [ "$each" = "$pod" ] || tell_end "$each"
    done
    [ -z "$pod" ] || look "$pod"
    if [ -n "$(says running)" ] || { [ "$pod" != "$read" ] && [ -n "$(says ended)" ]; }; then
        tell "oc logs --follow $pod -c train"
        follow "$pod"
        [ -n "$(says running)" ] || read=$pod saw=$(how) # once more when it has ended: the log may have broken off before
        [ "$idle" -lt 5 ] || { echo "error: $pod runs, and its log cannot be read" >&2 && exit 2; }
    elif printf '%s\n' "$conditions" | grep -q '^Complete '; then
        tell "job/$job is complete"
        [ -n "$pod" ] || tell "its pod is gone, and its log with it"
        exit 0
    elif [ -n "$over" ]; then
        [ -z "$pod" ] && last='its pod is gone, and its log with it' || last="$pod: $(how)"
        tell "error: job/$job failed: $over; $last"
        exit 1
    elif [ -z "$pod" ]; then
        why=$(printf '%s\n' "$conditions" | sed -n 's/^Suspended \(.*\)/\1; in a queue? oc get workloads/p')
        why=${why:-$(warning Job "$job")}
        tell "waiting: job/$job has no pod${why:+: $why}"
    elif [ "$pod" = "$followed" ] || says phase | grep -qxE 'Failed|Succeeded'; then
        tell_end "$pod"
    else
        why=$(says unscheduled waiting)
        case $why in '' | ContainerCreating | PodInitializing)
            more=$(warning Pod "${pod#pod/}")
            why=${more:-$why} ;;
        esac
        tell "waiting: $pod${why:+: $why}"
    fi
    sleep 2
done
