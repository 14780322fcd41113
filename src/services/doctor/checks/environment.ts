/** The variables that agents get, and required ones that they do not get. Names only: values are secrets. */
import { BUILT_IN_AGENT_KINDS, type AgentKind, type OutputParser } from '../../../contract/agentKinds';
import { handedOn, type EnvironmentSource } from '../../dispatch/context/environment';
import { found, type Found } from '../model';

interface Need {
  /** Set by the user to choose a provider. */
  readonly cause: string;
  /** At least one name of each list must be set. */
  readonly anyOf: readonly (readonly string[])[];
}

/** From the documentation of the agents' command lines. Credentials may be in files, a region may not. */
const NEEDS: Readonly<Record<OutputParser, readonly Need[]>> = {
  claude: [
    { cause: 'CLAUDE_CODE_USE_BEDROCK', anyOf: [['AWS_REGION', 'AWS_DEFAULT_REGION']] },
    { cause: 'CLAUDE_CODE_USE_VERTEX', anyOf: [['CLOUD_ML_REGION'], ['ANTHROPIC_VERTEX_PROJECT_ID']] },
    { cause: 'CLAUDE_CODE_USE_FOUNDRY', anyOf: [['ANTHROPIC_FOUNDRY_RESOURCE', 'ANTHROPIC_FOUNDRY_BASE_URL']] },
  ],
  codex: [],
  plain: [],
};

/** A missing variable is a warning for kinds that settings select, and a note for others. */
export function environmentFindings(kind: AgentKind, source: EnvironmentSource, isChosen: boolean): Found[] {
  const { names, missing } = handedOn(kind, source);
  const level = isChosen ? {} : ({ level: 'info' } as const);
  const given = names.length === 0 ? [] : [found('AGENT_VARIABLES', { kind: kind.name, names: names.join(', ') })];
  const isSet = (name: string): boolean => (source.variables[name] ?? kind.env?.[name] ?? '') !== '';
  const needed = NEEDS[kind.parser].flatMap(({ cause, anyOf }) => {
    if (!isSet(cause)) return [];
    const lacking = anyOf.filter((choice) => !choice.some(isSet));
    return lacking.map((choice) =>
      found('AGENT_VARIABLE_MISSING', { kind: kind.name, cause, names: choice.join(' / ') }, level),
    );
  });
  // Built-in kinds list variables that only some users set. A variable in a setting is intended.
  const meant = missing.filter((name) => source.passEnv.includes(name) || !isBuiltIn(kind));
  const unset = meant.length === 0 ? [] : [found('VARIABLE_NOT_SET', { kind: kind.name, names: meant.join(', ') })];
  return [...given, ...needed, ...unset];
}

function isBuiltIn({ name, passEnv }: AgentKind): boolean {
  return BUILT_IN_AGENT_KINDS.some((kind) => kind.name === name && String(kind.passEnv) === String(passEnv));
}
