#!/bin/sh
# The steps of docs/how-to/review-plans-in-ci.md, the same on a CI runner and on a desk:
#
#   sh steps.sh review    test, check, plan; plan.md is for the comment, plan.html has every lead
#   sh steps.sh apply     write the plan that was reviewed for exactly these files, and no other
#
# Plans are kept in $CRMSYNC_PLANS, named after the files that they were made from: what is merged is what was reviewed.
# Ends with 0, or with the first exit code of a step that somebody has to look at.
set -eu

plans=${CRMSYNC_PLANS:-plans}
verdict=0

# Leads that are set aside (exit 4) are told in the plan, and stop nobody.
step() {
  code=0
  "$@" || code=$?
  if [ "$code" -ne 0 ] && [ "$code" -ne 4 ] && [ "$verdict" -eq 0 ]; then verdict=$code; fi
}

# A print of all YAML files here and below, names and contents.
key() {
  find . -type f \( -name '*.yaml' -o -name '*.yml' \) -not -path './.*' | LC_ALL=C sort |
    tr '\n' '\0' | xargs -0 sha256sum | sha256sum | cut -c 1-32
}

case ${1:-} in
  review)
    umask 077
    mkdir -p "$plans"
    rm -f plan.md plan.html
    crmsync test || exit $?
    crmsync check || exit $?
    step crmsync run --dry-run --format json --out "$plans/$(key).json" >"$plans/.said"
    step crmsync run --dry-run --format markdown --show 30 --out plan.md >"$plans/.said"
    step crmsync run --dry-run --format html --out plan.html >"$plans/.said"
    rm -f "$plans/.said"
    ;;
  apply)
    plan="$plans/$(key).json"
    if [ ! -f "$plan" ]; then
      echo "no plan was reviewed for these files: $plan is not there" >&2
      exit 2
    fi
    crmsync apply "$plan" --yes || verdict=$?
    ;;
  *)
    echo "usage: steps.sh review|apply" >&2
    exit 2
    ;;
esac
exit "$verdict"
