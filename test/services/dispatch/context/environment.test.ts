/** Which variables agents and checks are given. */
import assert from 'node:assert/strict';
import { agentKind, type AgentKind } from '../../../../src/contract/agentKinds';
import { BUILT_IN_AGENT_KINDS } from '../../../../src/services/agents/builtInKinds';
import { variableMatcher, variablePattern } from '../../../../src/contract/variables';
import { handedOn, kindEnvironment, plainEnvironment } from '../../../../src/services/dispatch/context/environment';
import { environmentFindings } from '../../../../src/services/doctor/checks/agents';

const kindNamed = (name: string): AgentKind =>
  BUILT_IN_AGENT_KINDS.find((kind) => kind.name === name) ?? assert.fail(name);

describe('the environment of agents and checks', () => {
  const toolchains = { JAVA_HOME: '/java', NVM_DIR: '/nvm', VIRTUAL_ENV: '/venv', GOPATH: '/go', CARGO_HOME: '/cargo' };
  const bedrock = {
    CLAUDE_CODE_USE_BEDROCK: '1',
    AWS_REGION: 'eu-west-1',
    AWS_PROFILE: 'work',
    AWS_SESSION_TOKEN: 't',
  };
  const vertex = {
    CLOUD_ML_REGION: 'us-east5',
    GOOGLE_APPLICATION_CREDENTIALS: '/key',
    ANTHROPIC_VERTEX_PROJECT_ID: 'p',
  };
  const secrets = { NPM_TOKEN: 'n', GITHUB_TOKEN: 'g', DATABASE_URL: 'd' };
  const variables = { ...toolchains, ...bedrock, ...vertex, ...secrets };

  it('has where the tools of a project are, for each kind and for checks', () => {
    for (const kind of BUILT_IN_AGENT_KINDS) {
      const environment = kindEnvironment(kind, { variables, passEnv: [] });
      for (const [name, value] of Object.entries(toolchains)) assert.equal(environment[name], value, kind.name);
    }
    assert.deepEqual(plainEnvironment({ variables, passEnv: [] }), toolchains);
  });

  it('has all that Bedrock and Vertex need for Claude, and no other secret', () => {
    assert.deepEqual(kindEnvironment(kindNamed('claude'), { variables, passEnv: [] }), {
      ...toolchains,
      ...bedrock,
      ...vertex,
    });
    assert.deepEqual(kindEnvironment(kindNamed('codex'), { variables, passEnv: [] }), toolchains);
  });

  it('has what the setting names, for each kind and for checks', () => {
    const source = { variables, passEnv: ['NPM_TOKEN', 'DATABASE_*'] };
    for (const kind of BUILT_IN_AGENT_KINDS) {
      const { NPM_TOKEN, DATABASE_URL, GITHUB_TOKEN } = kindEnvironment(kind, source);
      assert.deepEqual(
        { npmToken: NPM_TOKEN, databaseUrl: DATABASE_URL, githubToken: GITHUB_TOKEN },
        { npmToken: 'n', databaseUrl: 'd', githubToken: undefined },
      );
    }
    assert.deepEqual(plainEnvironment(source), { ...toolchains, NPM_TOKEN: 'n', DATABASE_URL: 'd' });
  });

  it('knows families by a star at the end alone', () => {
    const matches = variableMatcher(['AWS_*', 'HOME']);
    assert.deepEqual(['AWS_REGION', 'AWS_', 'AWS', 'HOME', 'HOMES', 'XAWS_A'].filter(matches), [
      'AWS_REGION',
      'AWS_',
      'HOME',
    ]);
    for (const bad of ['*', '', 'A B', 'A**', '*_TOKEN', '1A', 'A=*']) {
      assert.equal(variablePattern.safeParse(bad).success, false, bad);
      assert.equal(agentKind.safeParse({ name: 'k', command: 'c', passEnv: [bad] }).success, false, bad);
    }
  });

  it('is listed by name for the doctor, without values', () => {
    const { names, missing } = handedOn(kindNamed('claude'), { variables, passEnv: ['NPM_TOKEN', 'NOT_SET'] });
    assert.deepEqual(names, [...Object.keys(bedrock), ...Object.keys(vertex), 'NPM_TOKEN'].sort());
    assert.ok(missing.includes('NOT_SET'));
  });

  it('is said to lack what the chosen provider of models needs', () => {
    const codes = (given: NodeJS.ProcessEnv, passEnv: readonly string[] = []): string[] =>
      environmentFindings(kindNamed('claude'), { variables: given, passEnv }, true).map(
        ({ code, facts }) => `${code} ${facts['names']}`,
      );
    assert.deepEqual(codes({}), []);
    assert.deepEqual(codes({ CLAUDE_CODE_USE_BEDROCK: '1' }), [
      'AGENT_VARIABLES CLAUDE_CODE_USE_BEDROCK',
      'AGENT_VARIABLE_MISSING AWS_REGION / AWS_DEFAULT_REGION',
    ]);
    assert.deepEqual(codes(bedrock).length, 1);
    assert.deepEqual(codes({ CLAUDE_CODE_USE_VERTEX: '1', CLOUD_ML_REGION: 'r' }).slice(1), [
      'AGENT_VARIABLE_MISSING ANTHROPIC_VERTEX_PROJECT_ID',
    ]);
    assert.deepEqual(codes({}, ['NPM_TOKEN', 'AWS_*']), ['VARIABLE_NOT_SET NPM_TOKEN']);
  });
});
