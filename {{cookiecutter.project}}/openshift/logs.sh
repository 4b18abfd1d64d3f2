#!/bin/sh
# logs.sh NAME [JOB]: follow what the newest Job of the project NAME prints, or the one that is named: from when it waits
# for a pod until it has ended. What it waits for and how it ended goes to stderr; the exit code is 0 for a Job that is done.
set -u
name=$1 job=${2-} said='' told='' followed='' broken=0

tell() { # what has just been said is not repeated
    [ "$1" = "$said" ] || printf '%s\n' "$1" >&2
    said=$1
}

warning() { # the newest one about an object, of kind $1; whoever may not read events does without
    oc get events --field-selector "involvedObject.kind=$1,involvedObject.name=$2,type=Warning" \
        --sort-by=.lastTimestamp -o jsonpath='{range .items[*]}{.reason}: {.message}{"\n"}{end}' 2>/dev/null | tail -n 1
}

fields='pod={.status.reason}: {.status.message}{"\n"}'
fields=$fields'{range .status.conditions[?(@.type=="PodScheduled")]}unscheduled={.reason}: {.message}{"\n"}{end}'
fields=$fields'{range .status.containerStatuses[?(@.name=="train")]}running={.state.running.startedAt}{"\n"}'
fields=$fields'waiting={.state.waiting.reason}: {.state.waiting.message}{"\n"}'
fields=$fields'ended={.state.terminated.reason}, exit code {.state.terminated.exitCode}{"\n"}{end}'

look() { # at a pod
    state=$(oc get "$1" --ignore-not-found -o jsonpath="$fields") || exit 1
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
    printf %s "${end:-it left no word of how, for it is gone}"
}

ended() { # tell how a pod ended
    case " $told " in *" $1 "*) return ;; esac
    look "$1"
    tell "$1 has ended: $(how)"
    told="$told $1"
}

job=${job##*/} # as oc prints them, with their kind
if [ -z "$job" ]; then
    jobs=$(oc get jobs -l "app.kubernetes.io/part-of=$name,app.kubernetes.io/component=training" \
        --sort-by=.metadata.creationTimestamp -o name) || exit 1
    job=$(printf '%s\n' "$jobs" | sed -n '$s|.*/||p')
    [ -n "$job" ] || { echo "error: there is no Job; make job-knn starts one" >&2 && exit 1; }
fi

while :; do
    conditions=$(oc get "job/$job" -o jsonpath='{range .status.conditions[?(@.status=="True")]}{.type} {.reason}: {.message}{"\n"}{end}') || exit 1
    pods=$(oc get pods -l "batch.kubernetes.io/job-name=$job" --sort-by=.metadata.creationTimestamp -o name) || exit 1
    pod=$(printf '%s\n' "$pods" | tail -n 1) state=''
    for each in $followed $pods; do
        [ "$each" = "$pod" ] || ended "$each"
    done
    [ -z "$pod" ] || look "$pod"
    if [ "$pod" != "$followed" ] && [ -n "$(says running ended)" ]; then
        tell "oc logs --follow $pod -c train"
        oc logs --follow "$pod" -c train
        followed=$pod
    elif over=$(printf '%s\n' "$conditions" | grep '^Complete '); then
        tell "job/$job is complete"
        [ -n "$pod" ] || tell "its pod is gone, and its log with it"
        exit 0
    elif over=$(printf '%s\n' "$conditions" | sed -n 's/^Failed //p' | grep .); then
        [ -z "$pod" ] && last='its pod is gone, and its log with it' || last="$pod: $(how)"
        tell "error: job/$job failed: $over; $last"
        exit 1
    elif [ -z "$pod" ]; then
        why=$(printf '%s\n' "$conditions" | sed -n 's/^Suspended //p')
        why=${why:-$(warning Job "$job")}
        tell "waiting: job/$job has no pod${why:+: $why}"
    elif [ "$pod" != "$followed" ]; then
        why=$(says unscheduled waiting)
        case $why in '' | ContainerCreating | PodInitializing)
            more=$(warning Pod "${pod#pod/}")
            why=${more:-$why} ;;
        esac
        tell "waiting: $pod${why:+: $why}"
    elif [ -z "$(says running)" ]; then
        ended "$pod"
    elif broken=$((broken + 1)) && [ "$broken" = 3 ]; then # not just its last second, before the pod says that it has ended
        tell "note: the log broke off; its last lines again:"
        oc logs --follow --tail=10 "$pod" -c train
        broken=0
    fi
    sleep 2
done
