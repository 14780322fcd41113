/**
 * What the templates of prompts say about the tracker (`docs/design/tasks.md#prompts`). Nothing in them is quoted by a
 * shell (D27).
 */

export interface PlannerWords {
  /** How to write the plan down. */
  readonly writePlan: string;
}

export interface WorkerWords {
  /** The command that says that the work is done. */
  readonly sayDone: string;
  /** The command that leaves what `note.md` says for whoever comes next. */
  readonly leaveNote: string;
}

const BODY = `The body of a subtask has exactly these headings:

\`\`\`markdown
## Spec
What is to be true afterwards, and why.

## Implementation Plan
Which files, in which steps.

## Acceptance Criteria
How anybody can see that it is done: tests, commands, behavior.
\`\`\``;

export const NATIVE_WORDS: PlannerWords & WorkerWords = {
  writePlan: `Use the \`ic\` command, which knows your task. Never paste titles or texts into a shell line: write them to files in
\`$TMPDIR\` first and hand over the files.

\`\`\`sh
ic subtask create --title-file=title.txt --body-file=body.md    # prints the id of the new subtask
ic subtask depend <subtask> --on=<subtask that must be merged first>
ic subtask list
\`\`\`

${BODY}

A plan may be partly written already. See \`ic subtask list\` first; use \`ic subtask edit\` and \`ic subtask remove\` to mend
what is there instead of writing it twice.

You are done when \`ic subtask list\` shows the whole plan. Then end; there is nothing to commit.`,
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
    writePlan: `Subtasks are issues of Beads below the epic \`${epic}\`, which is there already. Its data is not in this folder; \`bd\`
finds it. Do not run \`bd init\`, \`bd onboard\` or \`bd sync\`, and leave issues alone that are not below this epic. Never paste
titles or texts into a shell line: write them to files in \`$TMPDIR\` first and hand over the files.

\`\`\`sh
${bd} create --type task --parent ${epic} --title="$(cat title.txt)" --body-file body.md --silent    # prints the id
${bd} dep add <issue> <issue that must be merged first>
${list}
\`\`\`

${BODY}

A plan may be partly written already. See \`${list}\` first; use
\`${bd} update <issue> --title="$(cat title.txt)" --body-file body.md\`, \`${bd} dep remove <issue> <other>\` and
\`${bd} delete <issue> --force\` to mend what is there instead of writing it twice.

You are done when that list shows the whole plan. Close no issue. Then end; there is nothing to commit.`,
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
