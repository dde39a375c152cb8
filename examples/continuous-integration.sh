#!/bin/sh
# Checks and tests a kernel that was just built, for a CI system: continuous-integration.sh BUILD [REPORTS]
# REPORTS/results.xml is JUnit XML, which GitHub Actions, GitLab and Jenkins can show; REPORTS/results.html is for people.
# The exit code is that of vm test: 0 when every test passed, 1 when one failed, 249 for an error of the host or of vm.
#
# As a step of GitHub Actions:
#   - run: examples/continuous-integration.sh "$GITHUB_WORKSPACE/linux" reports
#   - if: always()
#     uses: actions/upload-artifact@v4
#     with: { name: reports, path: reports }
set -eu
build=${1:?names the build tree} reports=${2:-reports}
mkdir -p "$reports"

# What a guest needs is missing: say which option, before anything boots.
vm kconfig check "$build" --for console,embedded,modules,command

exec vm test -k "$build" "$(dirname "$0")"/tests/*.sh \
  --timeout 5m --fail-on warn,lockdep,kasan \
  --junit "$reports/results.xml" --html "$reports/results.html"
