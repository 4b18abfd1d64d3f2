#!/bin/sh
# fields.sh NAME=VALUE…: refuse, in one line, what the cluster would refuse in many, or take for something else.
part='[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?'
export LC_ALL=C
# Bytes: control characters, those of C1 too; and those that end a line or turn it round, U+2028 to 202E and 2066 to 2069
steering=$(printf '[[:cntrl:]]|\302[\200-\237]|\342\200[\250-\256]|\342\201[\246-\251]')
for given; do
    field=${given%%=*} value=${given#*=}
    as='' is='.*'
    case $field in
    NAME) is=$part as="the project's name, in openshift/params.env: of a-z, 0-9 and -, without quotes, once" ;;
    MODEL) is='[a-z]([a-z0-9_]{0,61}[a-z0-9])?' as='the name of a model: at most 63 of a-z, 0-9 and _, no _ at its end' ;;
    *[!a-z0-9_]*) is='.^' as="a name without -, as in $(printf %s "$field" | tr - _)" ;;
    name) is='.^' as='no value here: it is in openshift/params.env, for all verbs' ;;
    cpu) is='[1-9][0-9]*m?|[1-9][0-9]*\.[0-9]{1,3}|0\.[0-9]{0,2}[1-9]' as='cores, as in cpu=2 or cpu=500m' ;;
    memory | ephemeral_storage) is='([1-9][0-9]*(\.[0-9]+)?|0\.[0-9]*[1-9])([KMGT]i|[kMGT])' as="a size, as in $field=8Gi" ;;
    gpu) is='null|[1-9][0-9]{0,2}' as='a number, as in gpu=1; leave it out for none' ;;
    retries | keep) is='0|[1-9][0-9]{0,8}' as="a whole number, as in $field=3600" ;;
    deadline) is='[1-9][0-9]{0,8}' as='seconds, as in deadline=3600' ;;
    tag) is='[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}' as='the tag of an image, as in tag=stable' ;;
    time_zone) is='[A-Za-z0-9_+/-]+' as='a place, as in time_zone=Europe/Berlin' ;;
    service_account_token) is='true|false' as='true or false' ;;
    queue) is=$part as='the name of a LocalQueue, of a-z, 0-9 and -; leave it out for none' ;;
    git_secret) is="$part(\.$part)*" as='the name of a Secret, of a-z, 0-9, - and .; null for none' ;;
    service_account | data_secret | tracking_secret | data_claim | spool_claim)
        is="$part(\.$part)*" as='the name of what is on the cluster, of a-z, 0-9, - and .; leave it out for none' ;;
    schedule)
        is='@(yearly|annually|monthly|weekly|daily|midnight|hourly|every [0-9.hms]+)|([0-9A-Za-z*/,?-]+ +){4}[0-9A-Za-z*/,?-]+'
        as='what cron has, as in schedule="0 3 * * 1" or @daily' ;;
    job) is="([a-z.]+/)?$part(\.$part)*" as='the name of a Job, as make jobs lists it; leave it out for the newest' ;;
    user) is='.+' as='who starts it; leave it out for yourself' ;;
    esac
    if ! printf '%s' "$value" | iconv -f UTF-8 -t UTF-8 >/dev/null 2>&1; then
        given="$field=…" as='letters in UTF-8; these would arrive as others'
    elif printf '%s' "$value" | grep -qE "$steering"; then
        given="$field=…" as='signs that can be printed: no tab, nothing that steers a terminal or turns a line round'
    elif printf '%s' "$value" | grep -qF -e "\$(" -e "\$\$"; then
        as="without \$( and \$\$, which Kubernetes replaces"
    elif printf '%s\n' "$value" | grep -qxE "$is"; then
        continue
    fi
    printf '%s\n' "error: $given: give it $as" >&2
    exit 2
done
