#!/bin/sh
# process.sh WORDS…: `oc process WORDS…`, which fails when nothing is made, and does not warn of what is done on purpose: a
# value with a comma between two =, and one that is said in a file and by the command. Refuses a file of parameters that oc
# would read otherwise than a person: to it # begins a comment within a value too, and quotes are no part of one. A name
# that the Template does not know is told with its place, where a file has it.
before='' template='' places=''
for word; do
    [ "$before" != -f ] || template=$word
    before=$word file=${word#--param-file=}
    [ "$file" != "$word" ] || continue
    [ -r "$file" ] || {
        echo "error: $file: is not there, or cannot be read; git checkout $file brings it back" >&2
        exit 2
    }
    iconv -f UTF-8 -t UTF-8 "$file" >/dev/null 2>&1 || {
        echo "error: $file: is no UTF-8; save the file as UTF-8" >&2
        exit 2
    }
    ! odd=$(LC_ALL=C grep -nvE \
        "^ *(#.*)?$|^[A-Z][A-Z0-9_]*=('[^'\"\\\\[:cntrl:]]*'|\"[^'\"\\\\[:cntrl:]]*\"|([^]['\"#[:cntrl:] ]([^#[:cntrl:]]*[^#[:cntrl:] ])?)?)$" "$file") || {
        echo "error: $file, line ${odd%%:*}: write NAME=value, no blanks around; a comment on a line of its own; a value that" \
            "has a # in it between quotes" >&2
        exit 2
    }
    ! odd=$(grep -nE '^(JOB|VERB|ARGS|MODEL|SCHEDULE)=' "$file") || {
        echo "error: $file, line ${odd%%:*}: what is done, with which model and when is said by the command; take it out" >&2
        exit 2
    }
    places=$places$(awk -F = -v file="$file" '/^[A-Z]/ { print $1 " " file ", line " FNR }' "$file")'
'
done
made=$({
    said=$(oc process "$@" 2>&1 >&3 | sed \
        -e '/^warning: --param no longer accepts comma-separated lists of values/d' \
        -e 's/warning: Template parameter "[A-Z_]*" already defined, ignoring value from file "[^"]*"//' -e '/^$/d')
    unknown=$(printf '%s\n' "$said" | sed -n 's/.*unknown parameter name "\([A-Z0-9_]*\)".*/\1/p')
    place=$(printf '%s' "$places" | sed -n "s/^${unknown:-0} //p")
    [ -z "$place" ] || said="error: $place: $template has no field $unknown; take it out, and type it where it is meant"
    [ -z "$said" ] || printf '%s\n' "$said" >&2
} 3>&1)
[ -n "$made" ] && printf '%s\n' "$made"
