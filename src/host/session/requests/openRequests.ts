/** Requests of an agent that wait for an answer, and the tool calls that they are about. */
import { decide } from '../../../contract/permissions/decide';
import type { PermissionPolicy, PermissionRule, ToolUse } from '../../../contract/permissions/model';
import type { OpenRequest, SessionCommand } from '../../../contract/sessions';
import { startOf } from '../../../kernel/text/storableText';
import type { AgentRequest } from '../connection/connection';
import type { DecisionFile } from '../files/decisionFile';
import { askedOf, decisionOf } from './decision';
import { fieldsOf } from './form';
import {
  elicitation,
  INVALID_PARAMS,
  permissionRequest,
  toolCall,
  type PermissionRequest,
} from '../connection/protocol';
import type { SessionLogLineOf } from '../connection/sessionLog';
import type { SessionLogWriter } from '../connection/sessionLogWriter';
import { diffsOf, mergedCall, titleOf, toolUseOf } from './toolUse';
import { defined } from '../../../kernel/defined';

/** A call is known until its turn ends; more are forgotten, the oldest first. */
const MAX_CALLS = 1000;
const MAX_OPEN = 20;
/** Of a question or a command; the log has it whole. */
const MAX_QUESTION_LENGTH = 10_000;

type Call = ReturnType<typeof toolCall.parse>;
type Decided = Omit<SessionLogLineOf<'decided'>, 'type' | 'n' | 'at'>;
type Answer = Extract<SessionCommand, { kind: 'answer' }>;

interface Open {
  readonly shown: OpenRequest;
  readonly request: AgentRequest;
  readonly options: PermissionRequest['options'];
  /** Of a permission request. */
  readonly use?: ToolUse;
}

const CANCELLED = { outcome: { outcome: 'cancelled' } };

export class OpenRequests {
  private readonly calls = new Map<string, Call>();
  private readonly open = new Map<number, Open>();
  private count = 0;
  /** Requests of this turn that were not withdrawn. After the turn, or once it is canceled, none is accepted. */
  private readonly live = new Set<AgentRequest>();
  private accepts = false;
  private rules: readonly PermissionRule[];

  /** `onChange`: a request was opened or answered. `onDenied`: by a rule or a policy. */
  constructor(
    private readonly of: {
      readonly log: SessionLogWriter;
      readonly decisions: DecisionFile;
      readonly cwd: string;
      readonly project: string;
      readonly policy: PermissionPolicy;
      readonly rules: readonly PermissionRule[];
      readonly commands: readonly string[];
      readonly onChange: () => void;
      readonly onDenied: (title: string) => void;
    },
  ) {
    this.rules = of.rules;
  }

  get shown(): readonly OpenRequest[] {
    return [...this.open.values()].map(({ shown }) => shown);
  }

  startTurn(): void {
    this.accepts = true;
  }

  /** Keeps what an update says of a tool call; the title of the call. */
  noteCall(update: unknown): string | undefined {
    const newer = toolCall.safeParse(update).data;
    if (newer === undefined) return undefined;
    const merged = mergedCall(this.calls.get(newer.toolCallId), newer);
    this.calls.delete(newer.toolCallId);
    this.calls.set(newer.toolCallId, merged);
    for (const id of this.calls.keys()) {
      if (this.calls.size <= MAX_CALLS) break;
      this.calls.delete(id);
    }
    return titleOf(merged);
  }

  async askPermission(params: unknown, request: AgentRequest): Promise<void> {
    const asked = permissionRequest.safeParse(params).data;
    if (asked === undefined) {
      request.refuse(INVALID_PARAMS, 'the request has no tool call');
      return;
    }
    if (!this.accept(request)) {
      request.answer(CANCELLED);
      return;
    }
    const call = mergedCall(this.calls.get(asked.toolCall.toolCallId), asked.toolCall);
    this.calls.set(call.toolCallId, call);
    this.count += 1;
    const number = this.count;
    const { cwd, project } = this.of;
    const use = await toolUseOf(call, cwd, project);
    // It may have been withdrawn, or its turn canceled, while paths were resolved.
    if (!this.live.has(request)) {
      request.answer(CANCELLED);
      return;
    }
    const { kind: tool, paths, command, mcpTool } = use;
    const shown: OpenRequest = {
      kind: 'permission',
      number,
      askedAtMs: Date.now(),
      title: titleOf(call),
      tool,
      ...(command === undefined ? {} : { command: shownCommand(command) }),
      ...defined({ mcpTool }),
      paths: [...paths],
      diffs: diffsOf(call),
      mayAllow: optionOf(asked.options, 'allow') !== undefined,
      mayDeny: optionOf(asked.options, 'deny') !== undefined,
    };
    this.of.log.write({ type: 'asked', request: shown });
    this.open.set(number, { shown, request, options: asked.options, use });
    if (!this.decides(number, use)) this.of.onChange();
  }

  /** Other rules are in force from now on, also for requests that are open. */
  useRules(rules: readonly PermissionRule[]): void {
    this.rules = rules;
    for (const [number, { use }] of [...this.open]) if (use !== undefined) this.decides(number, use);
  }

  /** A page to open is declined: no person has asked for it. */
  askQuestion(params: unknown, request: AgentRequest): void {
    const asked = elicitation.safeParse(params).data;
    const fields = fieldsOf(asked?.requestedSchema);
    if (asked === undefined || asked.url !== undefined || fields.length === 0) {
      request.answer({ action: 'decline' });
      return;
    }
    if (!this.accept(request)) {
      request.answer({ action: 'cancel' });
      return;
    }
    this.count += 1;
    const number = this.count;
    const shown: OpenRequest = {
      kind: 'question',
      number,
      askedAtMs: Date.now(),
      title: startOf(asked.message ?? '', MAX_QUESTION_LENGTH),
      fields,
    };
    this.of.log.write({ type: 'asked', request: shown });
    this.open.set(number, { shown, request, options: undefined });
    this.of.onChange();
  }

  /** The answer of a person. Returns why it is refused; undefined if it was sent. */
  answer(command: Answer): string | undefined {
    const open = this.open.get(command.number);
    if (open === undefined) return 'the request is not open any more';
    const { answer, reason = null, by } = command;
    const person = { by: { kind: 'person', name: by } as const, reason };
    if (open.shown.kind === 'question') {
      if (answer !== 'accept' && answer !== 'decline') return 'a question is accepted or declined';
      const result = answer === 'accept' ? { action: 'accept', content: command.values ?? {} } : { action: 'decline' };
      this.close(open, result, { answer, option: null, ...person });
      return undefined;
    }
    if (answer !== 'allow' && answer !== 'deny') return 'a permission request is allowed or denied';
    return this.settle(command.number, answer, person) ? undefined : 'the agent does not offer this answer once';
  }

  /** The turn ended or is canceled, so that no answer is of use. */
  cancelAll(): void {
    this.accepts = false;
    this.live.clear();
    for (const open of [...this.open.values()]) {
      const result = open.shown.kind === 'question' ? { action: 'cancel' } : CANCELLED;
      this.close(open, result, { answer: 'cancelled', by: { kind: 'turn' }, option: null, reason: null });
    }
    this.calls.clear();
  }

  /** The agent withdrew its request. */
  withdraw(id: unknown): void {
    for (const request of this.live) if (request.id === id) this.live.delete(request);
    const open = [...this.open.values()].find(({ request }) => request.id === id);
    if (open === undefined) return;
    const result = open.shown.kind === 'question' ? { action: 'cancel' } : CANCELLED;
    this.close(open, result, { answer: 'cancelled', by: { kind: 'turn' }, option: null, reason: null });
  }

  /** A person cannot read more at once than this, and the state has to stay small. */
  private accept(request: AgentRequest): boolean {
    if (!this.accepts || this.live.size >= MAX_OPEN) return false;
    this.live.add(request);
    return true;
  }

  /** Whether a rule or the policy answers the request. */
  private decides(number: number, use: ToolUse): boolean {
    const { answer, by } = decide(this.of.policy, this.rules, use, this.of.commands);
    const title = this.open.get(number)?.shown.title ?? '';
    if (answer === 'ask' || !this.settle(number, answer, { by, reason: null })) return false;
    if (answer === 'deny') this.of.onDenied(title);
    return true;
  }

  /** Whether the agent offered the answer for once. */
  private settle(number: number, answer: 'allow' | 'deny', why: Pick<Decided, 'by' | 'reason'>): boolean {
    const open = this.open.get(number);
    const option = optionOf(open?.options, answer);
    if (open === undefined || option === undefined) return false;
    this.close(open, { outcome: { outcome: 'selected', optionId: option } }, { answer, option, ...why });
    return true;
  }

  private close(open: Open, result: unknown, decided: Omit<Decided, 'number'>): void {
    this.open.delete(open.shown.number);
    this.live.delete(open.request);
    const { number, askedAtMs } = open.shown;
    this.of.decisions.add(decisionOf(askedOf(open.shown, askedAtMs), decided, Date.now()));
    this.of.log.write({ type: 'decided', number, ...decided });
    open.request.answer(result);
    this.of.onChange();
  }
}

/** The length of what is not shown is a part of what a person decides about. */
function shownCommand(command: string): string {
  const start = startOf(command, MAX_QUESTION_LENGTH);
  return start === command ? command : `${start} … (${command.length - start.length} more characters)`;
}

/** Options of one kind may differ: some agents call one `once` that also changes the mode, as its id shows. */
const CHANGES_MORE = /always|session|mode|plan|auto|yolo/i;

/** Answers that count for longer than once stay in the agent's own settings and hide what follows. */
function optionOf(options: PermissionRequest['options'], answer: 'allow' | 'deny'): string | undefined {
  const wanted = answer === 'allow' ? 'allow_once' : 'reject_once';
  return options?.find(({ kind, optionId }) => kind === wanted && !CHANGES_MORE.test(optionId))?.optionId;
}
