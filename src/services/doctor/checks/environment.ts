/** The variables that agents get, and required ones that they do not get. Names only: values are secrets. */
import type { AgentKind } from '../../../contract/agentKinds';
import { BUILT_IN_AGENT_KINDS } from '../../agents/builtInKinds';
import { handedOn, type EnvironmentSource } from '../../dispatch/context/environment';
import { AGENT_PROGRAMS } from '../../agents/programs';
import { found, type Found } from '../model';

/** A missing variable is a warning for kinds that settings select, and a note for others. */
export function environmentFindings(kind: AgentKind, source: EnvironmentSource, isChosen: boolean): Found[] {
  const { names, missing } = handedOn(kind, source);
  const level = isChosen ? {} : ({ level: 'info' } as const);
  const given = names.length === 0 ? [] : [found('AGENT_VARIABLES', { kind: kind.name, names: names.join(', ') })];
  const isSet = (name: string): boolean => (source.variables[name] ?? kind.env?.[name] ?? '') !== '';
  const needed = AGENT_PROGRAMS[kind.parser].needs.flatMap(({ cause, anyOf }) => {
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
