/** The clean world in which a real agent runs: nothing is inherited but PATH, and only loopback is known. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The arguments with which both CLIs read the prompt from stdin and print a JSON object a line. */
export const claudeArguments = [
  '--print',
  '--dangerously-skip-permissions',
  '--output-format',
  'stream-json',
  '--verbose',
] as const;

export const codexArguments = ['exec', '--json', '--dangerously-bypass-approvals-and-sandbox', '-'] as const;

export interface AgentWorld {
  /** The `url` of a model server. */
  readonly url: string;
  /** An empty directory that belongs to this world alone. */
  readonly home: string;
  /** How often the CLI asks again after a refusal, in place of its own 10 (Claude) or 5 (Codex) times. */
  readonly retries?: number;
}

/** The variables for a Claude CLI, once its home is written. */
export async function claudeEnvironment({ url, home, retries }: AgentWorld): Promise<Record<string, string>> {
  return {
    ...(await cleanEnvironment(home)),
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: 'sk-ant-test',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    // Root may skip permissions only if a variable marks a sandbox.
    IS_SANDBOX: '1',
    ...(retries === undefined ? {} : { CLAUDE_CODE_MAX_RETRIES: `${retries}` }),
  };
}

/** A model that the pinned Codex CLI knows and offers `exec_command`. It warns about one that it does not know. */
const codexModel = 'gpt-5.5';

/** The variables for a Codex CLI, once its home and its `config.toml` are written. */
export async function codexEnvironment({
  url,
  home,
  retries,
  model = codexModel,
}: AgentWorld & { readonly model?: string }): Promise<Record<string, string>> {
  const codexHome = path.join(home, '.codex');
  await mkdir(codexHome, { recursive: true });
  await writeFile(path.join(codexHome, 'config.toml'), codexConfig(url, model, retries));
  return { ...(await cleanEnvironment(home)), CODEX_HOME: codexHome, LOCAL_KEY: 'test' };
}

function codexConfig(url: string, model: string, retries: number | undefined): string {
  return [
    `model = ${JSON.stringify(model)}`,
    'model_provider = "local"',
    '',
    '[model_providers.local]',
    'name = "local"',
    `base_url = "${url}/v1"`,
    'wire_api = "responses"',
    'env_key = "LOCAL_KEY"',
    ...(retries === undefined ? [] : [`request_max_retries = ${retries}`, `stream_max_retries = ${retries}`]),
    '',
  ].join('\n');
}

/** The variables for Gemini CLI, once its settings are written. */
export async function geminiEnvironment({ url, home }: AgentWorld): Promise<Record<string, string>> {
  await writeSettings(path.join(home, '.gemini'), {
    security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    general: { disableAutoUpdate: true, enableAutoUpdate: false },
  });
  return {
    ...(await cleanEnvironment(home)),
    GOOGLE_GEMINI_BASE_URL: url,
    GEMINI_API_KEY: 'test',
    GEMINI_TELEMETRY_ENABLED: 'false',
  };
}

/** The variables for opencode, which has its model in a configuration of the user, below that of the kind. */
export async function opencodeEnvironment({ url, home }: AgentWorld): Promise<Record<string, string>> {
  const folder = path.join(home, '.config', 'opencode');
  await mkdir(folder, { recursive: true });
  const models = { scripted: { name: 'scripted', tool_call: true, limit: { context: 100_000, output: 4096 } } };
  const options = { baseURL: `${url}/v1`, apiKey: 'test' };
  const local = { npm: '@ai-sdk/openai-compatible', name: 'local', options, models };
  await writeFile(
    path.join(folder, 'opencode.json'),
    JSON.stringify({
      model: 'local/scripted',
      small_model: 'local/scripted',
      enabled_providers: ['local'],
      provider: { local },
    }),
  );
  return {
    ...(await cleanEnvironment(home)),
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
    OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
  };
}

/** The variables for Qwen Code, once its settings are written. */
export async function qwenEnvironment({ url, home }: AgentWorld): Promise<Record<string, string>> {
  await writeSettings(path.join(home, '.qwen'), {
    security: { auth: { selectedType: 'openai' }, folderTrust: { enabled: false } },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    general: { disableAutoUpdate: true, enableAutoUpdate: false },
    // Its requests beside the conversation offer tools, too.
    ui: { enableFollowupSuggestions: false },
    memory: { enableManagedAutoMemory: false, enableManagedAutoDream: false },
  });
  return {
    ...(await cleanEnvironment(home)),
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_API_KEY: 'test',
    OPENAI_MODEL: 'scripted',
  };
}

/** The variables for GitHub Copilot CLI, which then needs neither a sign-in nor GitHub. */
export async function copilotEnvironment({ url, home }: AgentWorld): Promise<Record<string, string>> {
  return {
    ...(await cleanEnvironment(home)),
    COPILOT_OFFLINE: 'true',
    COPILOT_PROVIDER_BASE_URL: `${url}/v1`,
    COPILOT_PROVIDER_API_KEY: 'test',
    COPILOT_MODEL: 'scripted',
  };
}

/** The variables for Kimi Code, once its configuration is written. */
export async function kimiEnvironment({ url, home }: AgentWorld): Promise<Record<string, string>> {
  const folder = path.join(home, '.kimi-code');
  await mkdir(folder, { recursive: true });
  const config = [
    'default_model = "scripted"',
    'default_permission_mode = "manual"',
    'telemetry = false',
    '',
    '[providers.local]',
    'type = "openai"',
    `base_url = "${url}/v1"`,
    'api_key = "test"',
    '',
    '[models.scripted]',
    'provider = "local"',
    'model = "scripted"',
    'max_context_size = 100000',
    '',
  ];
  await writeFile(path.join(folder, 'config.toml'), config.join('\n'));
  return { ...(await cleanEnvironment(home)), KIMI_DISABLE_TELEMETRY: '1' };
}

async function writeSettings(folder: string, settings: object): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'settings.json'), JSON.stringify(settings));
}

/** A home with a git identity, so that commits need nothing of the machine, and a directory for temporary files. */
async function cleanEnvironment(home: string): Promise<Record<string, string>> {
  const temporary = path.join(home, 'tmp');
  await mkdir(temporary, { recursive: true });
  const identity = '[user]\n\tname = Scripted Agent\n\temail = agent@example.invalid\n';
  await writeFile(path.join(home, '.gitconfig'), identity);
  return { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: temporary };
}
