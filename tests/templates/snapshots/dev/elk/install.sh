#!/usr/bin/env bash
# Puts the lifecycle, the templates and the Kibana objects beside this file into Elasticsearch and
# Kibana. It can be run again at any time: everything is overwritten by its name.
#
#   ELASTICSEARCH_URL=https://elasticsearch:9200 KIBANA_URL=https://kibana:5601 ELASTIC_API_KEY=… bash install.sh
#
#   ELASTIC_API_KEY, or ELASTIC_USER and ELASTIC_PASSWORD   of somebody who may manage index
#                    templates and lifecycles, and Kibana's saved objects; none where none is needed
#   ELASTIC_CA       a file with the certificates to trust, where they are not public ones
#   KIBANA_URL       left out: no Kibana objects. With a space: https://kibana:5601/s/operations
#
# Indices that exist keep their mappings. The next one has the new ones.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

say() { echo "install.sh: $*" >&2; }

fail() {
  say "$*"
  exit 1
}

# For curl's configuration, where a backslash and a quote need a backslash.
quoted() {
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

# Not on the command line, which every user of the machine can see.
credentials() {
  if [ -n "${ELASTIC_API_KEY:-}" ]; then
    printf 'header = %s\n' "$(quoted "Authorization: ApiKey $ELASTIC_API_KEY")"
  elif [ -n "${ELASTIC_USER:-}" ]; then
    printf 'user = %s\n' "$(quoted "$ELASTIC_USER:$ELASTIC_PASSWORD")"
  fi
  if [ -n "${ELASTIC_CA:-}" ]; then
    printf 'cacert = %s\n' "$(quoted "$ELASTIC_CA")"
  fi
}

# call WHAT CURL-ARGUMENT…: prints the answer; ends the script where there is none or an error.
call() {
  local what=$1 answer status
  shift
  answer=$(curl --silent --show-error --max-time 60 --write-out '\n%{http_code}' \
    --config <(credentials) "$@") || fail "$what: no answer (curl says why above)"
  status=${answer##*$'\n'}
  answer=${answer%$'\n'*}
  [[ $status == 2* ]] || fail "$what: refused with status $status: $answer"
  printf '%s\n' "$answer"
}

command -v curl >/dev/null || fail "curl is needed"
elasticsearch=${ELASTICSEARCH_URL:?is needed, such as https://elasticsearch:9200}
elasticsearch=${elasticsearch%/}
[ -z "${ELASTIC_USER:-}" ] || : "${ELASTIC_PASSWORD:?is needed with ELASTIC_USER}"

# Each file's path is the request's. The order matters: a template names its parts and its policy.
for kind in _ilm/policy _component_template _index_template; do
  for file in elasticsearch/"$kind"/*.json; do
    path=${file#elasticsearch/}
    path=${path%.json}
    call "$path" --request PUT "$elasticsearch/$path" \
      --header 'Content-Type: application/json' --data-binary "@$file" >/dev/null
    say "$path"
  done
done

if [ -z "${KIBANA_URL:-}" ]; then
  say "KIBANA_URL is not set: import kibana.ndjson in Kibana, Stack Management, Saved Objects"
  exit 0
fi
# Kibana answers with 200 even where it took none of the objects.
answer=$(call kibana.ndjson --request POST "${KIBANA_URL%/}/api/saved_objects/_import?overwrite=true" \
  --header 'kbn-xsrf: true' --form file=@kibana.ndjson)
[[ $answer =~ \"success\":[[:space:]]*true ]] || fail "kibana.ndjson: not imported: $answer"
say "kibana.ndjson"
