#!/bin/sh
# process.sh WORDS…: `oc process WORDS…`, which fails when nothing is made, and does not warn of what is done on purpose: a
# value with a comma between two =, and one that is said in a file and by the command. Refuses a file of parameters that oc
# would read otherwise than a person: to it # begins a comment within a value too, and quotes are no part of one.
for word; do
    file=${word#--param-file=}
    [ "$file" = "$word" ] || ! odd=$(LC_ALL=C grep -nvE \
        "^ *(#.*)?$|^[A-Z][A-Z0-9_]*=('[^'\"\\\\[:cntrl:]]*'|\"[^'\"\\\\[:cntrl:]]*\"|([^]['\"#[:cntrl:] ]([^#[:cntrl:]]*[^#[:cntrl:] ])?)?)$" "$file") || {
        echo "error: $file, line ${odd%%:*}: write NAME=value, no blanks around; a comment on a line of its own; a value that" \
            "has a # in it between quotes" >&2
        exit 2
    }
done
made=$({ oc process "$@" 2>&1 >&3 | sed \
    -e '/^warning: --param no longer accepts comma-separated lists of values/d' \
    -e 's/warning: Template parameter "[A-Z_]*" already defined, ignoring value from file "[^"]*"//' -e '/^$/d' >&2; } 3>&1)
[ -n "$made" ] && printf '%s\n' "$made"
