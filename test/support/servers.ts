/** Servers as agents leave them: programs that continue when their shell has ended. */

/** Each way to leave one says its process id; `env -i` takes our mark away. */
const FORMS = [
  `sh -c 'SAY; exec sleep 300' &`,
  `nohup sh -c 'SAY; exec sleep 300' > /dev/null 2>&1 &`,
  `setsid sh -c 'SAY; exec sleep 300' &`,
  `(setsid sh -c 'SAY; exec sleep 300' > /dev/null 2>&1 < /dev/null &)`,
  `env -i /bin/sh -c 'SAY; exec /bin/sleep 300' &`,
  `(env -i /bin/sh -c 'SAY; exec /bin/sleep 300' &)`,
  // A daemon: a session of its own, no parent, and another environment.
  `(env -i setsid /bin/sh -c 'SAY; exec /bin/sleep 300' > /dev/null 2>&1 < /dev/null &)`,
  // A group of its own in the session, as an interactive shell makes one.
  `bash -c "set -m; env -i /bin/sh -c 'SAY; exec /bin/sleep 300' & disown"`,
];

/** Does not end when it is asked to, and has a name that looks like the end of its status line. It costs its grace. */
const STUBBORN = `(setsid sh -c 'trap "" TERM HUP INT; echo "b) S 1 (1" > /proc/$$/comm; SAY; while :; do sleep 1; done' > /dev/null 2>&1 < /dev/null &)`;

/** A script that leaves one of each. Their ids are in `file`, and `file.whole` is there once all of them run. */
export function leaveServers(file: string, withStubborn = false): string {
  const forms = withStubborn ? [...FORMS, STUBBORN] : FORMS;
  const say = `echo \\$\\$ >> ${file}`;
  const lines = forms.map((form) =>
    form.replace('SAY', () => (form.startsWith('bash') ? say : say.replaceAll('\\', ''))),
  );
  const wait = `while [ "$(wc -l < ${file})" -lt ${forms.length} ]; do sleep 0.02; done`;
  return [`: > ${file}`, ...lines, wait, `: > ${file}.whole`].join('\n');
}
