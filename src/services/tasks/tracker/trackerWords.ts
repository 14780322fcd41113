/**
 * The tracker's part of the prompt templates (`docs/design/tasks.md#prompts`). A shell never quotes titles or bodies
 * (D27).
 */

export interface PlannerWords {
  /** Instructions to write the plan. */
  readonly writePlan: string;
}

export interface WorkerWords {
  /** The command that reports that the work is done. */
  readonly sayDone: string;
  /** The command that leaves the text of `note.md` for the next agent. */
  readonly leaveNote: string;
}

const BODY = `The body of a subtask must have exactly these headings:

\`\`\`markdown
## Spec
What must be true afterwards, and why.

## Implementation Plan
Which files, in which steps.

## Acceptance Criteria
How to verify that it is done: tests, commands, behavior.
\`\`\``;

export const NATIVE_WORDS: PlannerWords & WorkerWords = {
  writePlan: `Use the \`ic\` command, which knows your task. Never paste titles or texts into a shell command: write them to files in
\`$TMPDIR\` first and pass the file names.

\`\`\`sh
ic subtask create --title-file=title.txt --body-file=body.md    # prints the id of the new subtask
ic subtask depend <subtask> --on=<subtask that must be merged first>
ic subtask list
\`\`\`

${BODY}

Part of a plan may exist already. Run \`ic subtask list\` first. Use \`ic subtask edit\` and \`ic subtask remove\` to correct
existing subtasks instead of creating them twice.

You are done when \`ic subtask list\` shows the whole plan. Then end. There is nothing to commit.`,
  sayDone: `\`\`\`sh
ic subtask close --reason="Implementation complete"
\`\`\``,
  leaveNote: `\`\`\`sh
ic subtask note --body-file=note.md
\`\`\``,
};

/** `bd` is the program as a shell finds it; `epic` the issue of the task. */
export function beadsPlannerWords(bd: string, epic: string): PlannerWords {
  const list = `${bd} list --parent ${epic} --all --limit 0`;
  return {
    writePlan: `Subtasks are Beads issues below the epic \`${epic}\`, which exists already. Its data is not in this folder, but \`bd\`
finds it. Do not run \`bd init\`, \`bd onboard\` or \`bd sync\`, and do not change issues that are not below this epic. Never paste
titles or texts into a shell command: write them to files in \`$TMPDIR\` first and pass the file names.

\`\`\`sh
${bd} create --type task --parent ${epic} --title="$(cat title.txt)" --body-file body.md --silent    # prints the id
${bd} dep add <issue> <issue that must be merged first>
${list}
\`\`\`

${BODY}

Part of a plan may exist already. Run \`${list}\` first. Use
\`${bd} update <issue> --title="$(cat title.txt)" --body-file body.md\`, \`${bd} dep remove <issue> <other>\` and
\`${bd} delete <issue> --force\` to correct existing issues instead of creating them twice.

You are done when that list shows the whole plan. Do not close any issue. Then end. There is nothing to commit.`,
  };
}

export function beadsWorkerWords(bd: string, issue: string): WorkerWords {
  return {
    sayDone: `\`\`\`sh\n${bd} close ${issue} --reason "Implementation complete"\n\`\`\``,
    leaveNote: `\`\`\`sh\n${bd} comments add ${issue} -f note.md\n\`\`\``,
  };
}

/** A program as a line of a POSIX shell names it. */
export function shellWord(program: string): string {
  return /^[\w./+-]+$/.test(program) ? program : `'${program.replaceAll("'", String.raw`'\''`)}'`;
}
