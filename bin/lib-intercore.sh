# shellcheck shell=sh disable=SC3043  # `local` is understood by bash, dash and busybox
# Functions over the ic command for hooks and scripts. Source this file; it sets no shell options.
#
# They fail safe: functions that guard or clean up (throttles, gates, kills) let the caller continue when ic is missing or
# its database is broken, also under `set -eu`; functions that fetch data return 1.

# shellcheck disable=SC2034  # read by scripts that source this file
INTERCORE_WRAPPER_VERSION="1.1.0"
# shellcheck disable=SC2034
INTERCORE_STOP_DEDUP_SENTINEL="stop"
INTERCORE_BIN=""
INTERCORE_LOCK_BIN=""

_intercore_find() {
  command -v ic 2>/dev/null || command -v intercore 2>/dev/null
}

# ic with the database of INTERCORE_DB, where that is set.
_intercore_db() {
  if [ -n "${INTERCORE_DB:-}" ]; then
    "$INTERCORE_BIN" "$@" --db="$INTERCORE_DB"
  else
    "$INTERCORE_BIN" "$@"
  fi
}

# 0 when ic is there and its database is healthy; remembered after the first success.
intercore_available() {
  [ -n "$INTERCORE_BIN" ] && return 0
  local bin
  bin=$(_intercore_find) || return 1
  if ! "$bin" health >/dev/null 2>&1; then
    printf '%s\n' "intercore: ic found but its database is not healthy" >&2
    return 1
  fi
  INTERCORE_BIN=$bin
}

# --- State -----------------------------------------------------------------------------------------------------------

intercore_state_set() { # key scope json
  intercore_available || return 0
  printf '%s\n' "$3" | "$INTERCORE_BIN" state set "$1" "$2" || return 0
}

intercore_state_get() { # key scope
  intercore_available || return 0
  "$INTERCORE_BIN" state get "$1" "$2" 2>/dev/null || return 0
}

intercore_state_delete_all() { # key legacy-glob
  if intercore_available; then
    "$INTERCORE_BIN" state list "$1" 2>/dev/null | while IFS= read -r scope; do
      "$INTERCORE_BIN" state delete "$1" "$scope" >/dev/null 2>&1 || :
    done
  else
    _intercore_remove "$2"
  fi
  return 0
}

# Removes what a glob matches; the glob is meant to be split and expanded.
_intercore_remove() {
  # shellcheck disable=SC2086
  rm -f -- $1 2>/dev/null || return 0
}

# --- Sentinels -------------------------------------------------------------------------------------------------------

intercore_sentinel_check() { # name scope interval
  intercore_available || return 0
  "$INTERCORE_BIN" sentinel check "$1" "$2" --interval="$3" >/dev/null
}

intercore_sentinel_check_or_legacy() { # name scope interval legacy-file
  if intercore_available; then
    local code=0
    "$INTERCORE_BIN" sentinel check "$1" "$2" --interval="$3" >/dev/null 2>&1 || code=$?
    [ "$code" -le 1 ] && return "$code"
  fi
  _intercore_legacy_throttle "$3" "$4"
}

# 0 when the file is old enough (and touches it), 1 when it is too young.
_intercore_legacy_throttle() { # interval file
  if [ -f "$2" ]; then
    [ "$1" -eq 0 ] && return 1
    local now touched
    now=$(date +%s)
    touched=$(stat -c %Y "$2" 2>/dev/null || stat -f %m "$2" 2>/dev/null || printf '%s' 0)
    [ $((now - touched)) -lt "$1" ] && return 1
  fi
  touch "$2" 2>/dev/null || return 0
}

intercore_check_or_die() { # name scope interval legacy-file
  intercore_sentinel_check_or_legacy "$@" || exit 0
}

intercore_sentinel_reset_or_legacy() { # name scope legacy-glob
  if intercore_available && "$INTERCORE_BIN" sentinel reset "$1" "$2" >/dev/null 2>&1; then
    return 0
  fi
  _intercore_remove "$3"
}

intercore_sentinel_reset_all() { # name legacy-glob
  if intercore_available; then
    "$INTERCORE_BIN" sentinel list 2>/dev/null | while IFS="$(printf '\t')" read -r name scope _; do
      [ "$name" != "$1" ] || "$INTERCORE_BIN" sentinel reset "$name" "$scope" >/dev/null 2>&1 || :
    done
  else
    _intercore_remove "$2"
  fi
  return 0
}

intercore_cleanup_stale() {
  if intercore_available; then
    "$INTERCORE_BIN" sentinel prune --older-than=1h >/dev/null 2>&1 || return 0
  else
    find /tmp -maxdepth 1 \( -name 'clavain-stop-*' -o -name 'clavain-drift-last-*' -o -name 'clavain-compound-last-*' \) \
      -mmin +60 -delete 2>/dev/null || return 0
  fi
}

# --- Dispatches ------------------------------------------------------------------------------------------------------

intercore_dispatch_spawn() { # type project prompt [output] [name]
  intercore_available || return 1
  if [ -n "${4:-}" ]; then
    "$INTERCORE_BIN" dispatch spawn --type="$1" --project="$2" --prompt-file="$3" --name="${5:-codex}" --output="$4"
  else
    "$INTERCORE_BIN" dispatch spawn --type="$1" --project="$2" --prompt-file="$3" --name="${5:-codex}"
  fi
}

intercore_dispatch_status() { # id
  intercore_available || return 1
  "$INTERCORE_BIN" dispatch status "$1" --json
}

intercore_dispatch_wait() { # id [timeout]
  intercore_available || return 1
  if [ -n "${2:-}" ]; then
    "$INTERCORE_BIN" dispatch wait "$1" --timeout="$2" >/dev/null
  else
    "$INTERCORE_BIN" dispatch wait "$1" >/dev/null
  fi
}

intercore_dispatch_list_active() {
  intercore_available || return 0
  "$INTERCORE_BIN" dispatch list --active
}

intercore_dispatch_kill() { # id
  intercore_available || return 0
  "$INTERCORE_BIN" dispatch kill "$1" >/dev/null 2>&1 || return 0
}

intercore_dispatch_tokens() { # id in out [cache]
  intercore_available || return 1
  if [ -n "${4:-}" ]; then
    _intercore_db dispatch tokens "$1" --in="$2" --out="$3" --cache="$4"
  else
    _intercore_db dispatch tokens "$1" --in="$2" --out="$3"
  fi
}

# --- Runs ------------------------------------------------------------------------------------------------------------

intercore_run_current() { # [project]
  intercore_available || return 1
  "$INTERCORE_BIN" run current --project="${1:-$(pwd)}"
}

intercore_run_phase() { # id
  intercore_available || return 1
  "$INTERCORE_BIN" run phase "$1"
}

intercore_run_agent_add() { # run type [name] [dispatch]
  intercore_available || return 1
  local run="$1" type="$2" name="${3:-}" dispatch="${4:-}"
  set -- run agent add "$run" --type="$type"
  [ -n "$name" ] && set -- "$@" --name="$name"
  [ -n "$dispatch" ] && set -- "$@" --dispatch-id="$dispatch"
  "$INTERCORE_BIN" "$@"
}

intercore_run_artifact_add() { # run phase path [type]
  intercore_available || return 1
  "$INTERCORE_BIN" run artifact add "$1" --phase="$2" --path="$3" --type="${4:-file}"
}

intercore_run_skip() { # run phase reason [actor]
  intercore_available || return 1
  if [ -n "${4:-}" ]; then
    _intercore_db run skip "$1" "$2" --reason="$3" --actor="$4"
  else
    _intercore_db run skip "$1" "$2" --reason="$3"
  fi
}

intercore_run_tokens() { # run
  intercore_available || return 1
  _intercore_db run tokens "$1" --json
}

intercore_run_budget() { # run
  intercore_available || return 1
  _intercore_db run budget "$1" --json
}

intercore_run_rollback() { # run phase [reason]
  intercore_available || return 1
  if [ -n "${3:-}" ]; then
    _intercore_db run rollback "$1" --to-phase="$2" --reason="$3"
  else
    _intercore_db run rollback "$1" --to-phase="$2"
  fi
}

intercore_run_rollback_dry() { # run phase
  intercore_available || return 1
  _intercore_db run rollback "$1" --to-phase="$2" --dry-run
}

intercore_run_code_rollback() { # run [phase]
  intercore_available || return 1
  if [ -n "${2:-}" ]; then
    _intercore_db run rollback "$1" --layer=code --phase="$2"
  else
    _intercore_db run rollback "$1" --layer=code
  fi
}

# --- Gates -----------------------------------------------------------------------------------------------------------

intercore_gate_check() { # run; 0 pass, 1 fail, 2 and more an error
  intercore_available || return 0
  _intercore_db gate check "$1" >/dev/null
}

intercore_gate_override() { # run reason
  intercore_available || return 0
  _intercore_db gate override "$1" --reason="$2"
}

# --- Locks -----------------------------------------------------------------------------------------------------------

intercore_lock_available() {
  [ -n "$INTERCORE_LOCK_BIN" ] && return 0
  INTERCORE_LOCK_BIN=$(_intercore_find) || return 1
}

_intercore_lock_owner() {
  printf '%s:%s' "$$" "$(hostname -s 2>/dev/null || hostname)"
}

intercore_lock() { # name scope [timeout]
  local code=2
  if intercore_lock_available; then
    code=0
    "$INTERCORE_LOCK_BIN" lock acquire "$1" "$2" --timeout="${3:-1s}" --owner="$(_intercore_lock_owner)" >/dev/null 2>&1 || code=$?
  fi
  [ "$code" -le 1 ] && return "$code"
  _intercore_mkdir_lock "$1" "$2"
}

_intercore_mkdir_lock() { # name scope
  local dir="/tmp/intercore/locks/$1/$2" tries=0
  mkdir -p "/tmp/intercore/locks/$1" 2>/dev/null || return 1
  while ! mkdir "$dir" 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -ge 10 ] && return 1
    sleep 0.1
  done
  printf '{"pid":%s,"host":"%s","owner":"%s","created":%s}' \
    "$$" "$(hostname -s 2>/dev/null || hostname)" "$(_intercore_lock_owner)" "$(date +%s)" >"$dir/owner.json"
}

intercore_unlock() { # name scope
  if intercore_lock_available &&
    "$INTERCORE_LOCK_BIN" lock release "$1" "$2" --owner="$(_intercore_lock_owner)" >/dev/null 2>&1; then
    return 0
  fi
  local dir="/tmp/intercore/locks/$1/$2"
  if grep -qF "\"owner\":\"$(_intercore_lock_owner)\"" "$dir/owner.json" 2>/dev/null; then
    rm -f "$dir/owner.json" && rmdir "$dir" 2>/dev/null || return 0
  fi
}

intercore_lock_clean() { # [age]
  if intercore_lock_available && "$INTERCORE_LOCK_BIN" lock clean --older-than="${1:-5s}" >/dev/null 2>&1; then
    return 0
  fi
  find /tmp/intercore/locks -mindepth 2 -maxdepth 2 -type d -mmin +1 -exec rm -rf {} + 2>/dev/null || return 0
}

# --- Events ----------------------------------------------------------------------------------------------------------

intercore_events_tail() { # run [flags…]
  intercore_available || return 0
  "$INTERCORE_BIN" events tail "$@"
}

intercore_events_tail_all() { # [flags…]
  intercore_available || return 0
  "$INTERCORE_BIN" events tail --all "$@"
}

intercore_events_cursor_get() { # consumer
  intercore_available || return 0
  "$INTERCORE_BIN" events cursor list 2>/dev/null | while IFS="$(printf '\t')" read -r name payload; do
    [ "$name" != "$1" ] || printf '%s\n' "$payload"
  done
  return 0
}

intercore_events_cursor_set() { # consumer phase dispatch
  intercore_available || return 0
  printf '{"phase":%s,"dispatch":%s}\n' "$2" "$3" | "$INTERCORE_BIN" state set cursor "$1" --ttl=24h
}

intercore_events_cursor_reset() { # consumer
  intercore_available || return 0
  "$INTERCORE_BIN" events cursor reset "$1"
}
