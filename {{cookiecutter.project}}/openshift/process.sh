#!/bin/sh
# process.sh WORDS…: `oc process WORDS…`, but for its warning that a value with a comma between two = is one value, which
# it says on purpose here. Fails when nothing is made, and where a file of parameters says less to oc than to a reader.
for word; do
    file=${word#--param-file=}
    [ "$file" = "$word" ] || ! cut=$(grep -nE "^[^#'\"]*=[^#'\"]*[^#'\"[:space:]]#" "$file") || {
        echo "error: $file, line ${cut%%:*}: oc takes what follows # for a comment; put the value between quotes" >&2
        exit 2
    }
done
made=$({ oc process "$@" 2>&1 >&3 | grep -v '^warning: --param no longer accepts comma-separated lists of values' >&2; } 3>&1)
[ -n "$made" ] && printf '%s\n' "$made"
