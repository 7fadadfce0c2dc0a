#!/usr/bin/env bash
# run.sh [SECONDS PER TARGET] [TARGET...]: builds the fuzz targets and runs them one after the other, 600 seconds each by
# default. New inputs are kept in build/fuzz/corpus, findings in build/fuzz/findings; the exit code is 1 if there are any.
# FUZZ_BUILD names another build folder, FUZZ_SKIP_BUILD=1 uses what is there.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd -- "$here/../.." && pwd -P)
build=${FUZZ_BUILD:-$root/build/fuzz}
seconds=${1:-600}
shift || true

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for source in "$here"/*_fuzz.cc; do
    name=$(basename "$source" _fuzz.cc)
    targets+=("$name")
  done
fi
if [ "${FUZZ_SKIP_BUILD:-0}" != 1 ]; then
  (cd "$root" && cmake --preset fuzz -B "$build" >/dev/null && nice cmake --build "$build" --target "${targets[@]/#/fuzz_}")
fi

findings=$build/findings
mkdir -p "$findings"
failed=0
for target in "${targets[@]}"; do
  mkdir -p "$build/corpus/$target"
  length=$(sed -n "s/^set(fuzz_length_$target \([0-9]*\))/\1/p" "$here/CMakeLists.txt")
  log=$build/$target.log
  if "$build/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len="${length:-4096}" -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$findings/$target-" "$build/corpus/$target" "$here/corpus/$target" >"$log" 2>&1; then
    printf '%-10s %s executions, no finding\n' "$target" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
  else
    failed=1
    printf '%-10s FINDING: see %s and %s\n' "$target" "$log" "$findings"
  fi
done
exit "$failed"
