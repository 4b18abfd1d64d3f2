#!/bin/sh
# fields.sh NAME=VALUE…: refuse, in one line, what the cluster would refuse in many, or take for something else.
name_of='[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?'
whole='0|[1-9][0-9]{0,8}'
for given; do
    field=${given%%=*} value=${given#*=}
    case $field in
    name) is='.^' as='no value here: it is in openshift/params.env, for all verbs' ;;
    cpu) is='[1-9][0-9]*m?|[0-9]+\.[0-9]{1,3}' as='cores, as in cpu=2 or cpu=500m' ;;
    memory | ephemeral_storage) is='[1-9][0-9]*(\.[0-9]+)?([KMGT]i|[kMGT])' as="a size, as in $field=8Gi" ;;
    gpu) is='null|[1-9][0-9]{0,2}' as='a number, as in gpu=1; leave it out for none' ;;
    retries | keep) is=$whole as="a whole number, as in $field=3600" ;;
    deadline) is='[1-9][0-9]{0,8}' as='seconds, as in deadline=3600' ;;
    tag) is='[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}' as='the tag of an image, as in tag=stable' ;;
    service_account_token) is='true|false' as='true or false' ;;
    service_account | data_secret | tracking_secret | git_secret | data_claim | spool_claim | queue)
        is=$name_of as="the name of what is on the cluster, of a-z, 0-9, - and .; leave it out for none" ;;
    user) is='.+' as='who starts it; leave it out for yourself' ;;
    *) continue ;;
    esac
    printf '%s\n' "$value" | LC_ALL=C grep -qxE "$is" || {
        printf '%s\n' "error: $field=$value: give it $as" >&2
        exit 2
    }
done
