/** How one operation is reached: from the editor, from `ic`, and as a tool for language models. */

/**
 * `read`: nothing changes. `change`: the record or the work goes on, and what was there stays. `destroy`: it ends,
 * replaces or takes away something. `start`: it starts an agent, or lets one start.
 */
export type Effect = 'read' | 'change' | 'destroy' | 'start';

/**
 * Who decides on it, where the caller is an agent. `anyone`: the agent may. `person`: it may not, and asks. `owner`: it
 * may for what is its own, which is itself, the agents it started, and the run, task or subtask it works on.
 * `personGives`: it may without these arguments.
 */
export type Decides = 'anyone' | 'person' | 'owner' | { readonly personGives: readonly string[] };

/** There is no such way, and this is why. */
export interface Excluded {
  readonly not: string;
}

export interface Surface {
  readonly effect: Effect;
  readonly decides: Decides;
  /** What it does, for a program or a language model that has to choose. One or two sentences. */
  readonly about: string;
  /** What a person uses in the editor: the id of a command. */
  readonly command: `intercore.${string}.${string}` | Excluded;
  /** The words of the command line: `run advance`. */
  readonly ic: string | Excluded;
  /**
   * Arguments that `ic` does not take as the rule says. The rule: an argument is an operand or a flag of its own name
   * (`toPhase`: `--to-phase`), an id may leave out that it is one (`runId`: `<run>`), and `folder` is the working
   * directory.
   */
  readonly icArguments?: Readonly<Record<string, string | Excluded>>;
  /** Absent: it is a tool of `ic mcp`. */
  readonly mcp?: Excluded;
  /** One of the core verbs: what the chat of the editor and agents that are dispatched get. */
  readonly core?: true;
}

export function isExcluded(way: string | Excluded): way is Excluded {
  return typeof way !== 'string';
}
