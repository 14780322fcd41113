/** The scenarios for both CLIs, for the tests and for the recorder of the fixtures. */
import { cut, failure, hang, reply, run, say, type Turn } from './script';

export interface Scenario {
  readonly prompt: string;
  readonly turns: readonly Turn[];
  /** See `AgentWorld`. */
  readonly retries?: number;
  /** For Codex: a model other than the one it knows. */
  readonly model?: string;
  /** SIGTERM is sent when this request arrives, the first being 1. */
  readonly stopAtRequest?: number;
}

const prompt = 'Greet the world';
const commands = "echo hello > greeting.txt && git add greeting.txt && git commit -qm 'Add a greeting'";

/** A file, a commit, then two commands in one turn of which the second fails. */
export const commit: Scenario = {
  prompt,
  turns: [
    reply([say('I will write the file.'), run(commands)], {
      input: 1200,
      cacheWrite: 300,
      cacheRead: 50,
      output: 40,
      reasoning: 10,
    }),
    reply([run('cat greeting.txt'), run('cat missing.txt')], { input: 10, cacheRead: 1550, output: 20 }),
    reply([say('The greeting is committed.')], { input: 15, cacheRead: 1600, output: 9, reasoning: 3 }),
  ],
};

/** The same with a model that Codex knows nothing of. */
export const unknownModel: Scenario = { ...commit, model: 'made-up-model' };

export const unauthorized: Scenario = {
  prompt,
  turns: [failure(401, { message: 'invalid x-api-key' })],
  retries: 1,
};

const rateLimit = failure(429, { message: 'slow down', retryAfterSeconds: 1 });

/** Refused once, then done. */
export const retried: Scenario = { prompt, turns: [rateLimit, reply([say('Done.')], { input: 7, output: 3 })] };

/** Refused until the agent gives up. */
export const rateLimited: Scenario = { prompt, turns: [rateLimit], retries: 1 };

/**
 * The stream breaks before its first command is finished for Claude, after it for Codex, which sends whole items;
 * then the model answers.
 */
export const broken: Scenario = {
  prompt,
  turns: [
    cut(reply([run('echo ran >> ran.txt'), run('echo ran >> ran.txt')], { input: 100, output: 30 }), 2),
    reply([say('Done.')], { input: 7, output: 3 }),
  ],
};

/** One command runs, then the model is silent and the agent is asked to end. */
export const stopped: Scenario = {
  prompt,
  turns: [reply([say('I start.'), run(commands)], { input: 5, output: 2 }), hang()],
  stopAtRequest: 2,
};
