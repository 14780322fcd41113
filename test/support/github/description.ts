/** GitHub's published description of its API, and whether a request or an answer keeps to it. */
import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import * as z from 'zod';

const place = z.object({ $ref: z.string() });
const content = z.object({ 'application/json': z.object({ schema: z.unknown() }).optional() }).optional();
const parameter = z.object({ name: z.string(), in: z.string(), required: z.boolean().optional(), schema: z.unknown() });
const answer = z.object({ content });
const operation = z.object({
  parameters: z.array(z.union([place, parameter])).default([]),
  requestBody: z.object({ content, required: z.boolean().optional() }).optional(),
  responses: z.record(z.string(), z.union([place, answer])),
});
const description = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.record(z.string(), z.record(z.string(), z.unknown())),
});

export type Json = Record<string, unknown>;

export interface MatchedRoute {
  /** As in the description: `GET /repos/{owner}/{repo}`. */
  readonly route: string;
  readonly params: Readonly<Record<string, string>>;
}

export interface ReceivedRequest extends MatchedRoute {
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Undefined where there was none. */
  readonly body: unknown;
}

/** GitHub answers so to any request, and describes it for few. */
const ANYWHERE = new Set([307, 401, 403, 404, 429, 500, 502, 503]);
const BASIC_ERROR = { $ref: '#/components/schemas/basic-error' };

export class ApiDescription {
  private readonly document: z.infer<typeof description>;
  private readonly strict = compiler(false);
  /** Queries and paths are text: numbers are read from it. */
  private readonly lenient = compiler(true);
  private readonly compiled = new Map<string, ValidateFunction>();

  /** @param file the published description */
  constructor(file: string) {
    this.document = description.parse(JSON.parse(readFileSync(file, 'utf8')));
    for (const ajv of [this.strict, this.lenient])
      ajv.addSchema({ $id: 'github', components: this.document.components });
  }

  /** A copy of one of the description's own examples, for answers to start from. */
  example(name: string): Json {
    const found = z
      .object({ value: z.record(z.string(), z.unknown()) })
      .parse(this.document.components['examples']?.[name]);
    return structuredClone(found.value);
  }

  /** The operation that a method and a path, still encoded, stand for. */
  match(method: string, path: string): MatchedRoute | undefined {
    const segments = path.split('/').map(decodeURIComponent);
    for (const [template, methods] of Object.entries(this.document.paths)) {
      const parts = template.split('/');
      if (methods[method.toLowerCase()] === undefined || parts.length !== segments.length) continue;
      const params: Record<string, string> = {};
      const fits = parts.every((part, index) => {
        const name = /^\{(\w+)\}$/.exec(part)?.[1];
        if (name !== undefined) params[name] = segments[index] ?? '';
        return name !== undefined || part === segments[index];
      });
      if (fits) return { route: `${method} ${template}`, params };
    }
    return undefined;
  }

  /** Every way in which a request breaks the description. */
  requestProblems({ route, params, query, headers, body }: ReceivedRequest): string[] {
    const { parameters, requestBody } = this.operation(route);
    const known = parameters.map((one) => parameter.parse(this.resolved(one)));
    const places: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
      path: params,
      query,
      header: headers,
    };
    const problems = known.flatMap(({ name, in: where, required, schema }) => {
      const value = places[where]?.[name];
      if (value === undefined) return required === true ? [`${where} ${name} is missing`] : [];
      return this.check(this.lenient, `${route} ${where} ${name}`, schema, value);
    });
    const names = new Set(known.map(({ name }) => name));
    const strangers = Object.keys(query).filter((name) => !names.has(name));
    const bodyProblems = this.bodyProblems(route, requestBody, body);
    const headerProblems = typeof headers['user-agent'] === 'string' ? [] : ['there is no user-agent'];
    const all = [
      ...problems,
      ...strangers.map((name) => `query ${name} is unknown`),
      ...bodyProblems,
      ...headerProblems,
    ];
    return all.map((problem) => `${route}: ${problem}`);
  }

  /** Every way in which an answer breaks the description. */
  answerProblems(route: string, status: number, body: unknown): string[] {
    const described = this.operation(route).responses[String(status)];
    if (described === undefined && !ANYWHERE.has(status)) return [`${route}: there is no answer ${status}`];
    const parts = described === undefined ? undefined : answer.parse(this.resolved(described)).content;
    const schema = parts?.['application/json']?.schema ?? BASIC_ERROR;
    return this.check(this.strict, `${route} ${status}`, schema, body).map((one) => `${route} ${status}: ${one}`);
  }

  private bodyProblems(route: string, expected: z.infer<typeof operation>['requestBody'], body: unknown): string[] {
    if (body === undefined) return expected?.required === true ? ['the body is missing'] : [];
    const schema = expected?.content?.['application/json']?.schema;
    if (schema === undefined) return ['there must be no body'];
    const known = z.object({ properties: z.record(z.string(), z.unknown()) }).safeParse(schema);
    const names = known.success ? Object.keys(known.data.properties) : undefined;
    const strangers = Object.keys(body as Json).filter((name) => names?.includes(name) === false);
    return [
      ...this.check(this.strict, `${route} body`, schema, body),
      ...strangers.map((name) => `${name} is unknown`),
    ];
  }

  private operation(route: string): z.infer<typeof operation> {
    const [method = '', path = ''] = route.split(' ');
    return operation.parse(this.document.paths[path]?.[method.toLowerCase()]);
  }

  private resolved(value: unknown): unknown {
    const reference = place.safeParse(value);
    if (!reference.success) return value;
    const [, , kind = '', name = ''] = reference.data.$ref.split('/');
    return this.document.components[kind]?.[name];
  }

  private check(ajv: Ajv, key: string, schema: unknown, value: unknown): string[] {
    const absolute = JSON.stringify(schema).replaceAll('"#/components/', '"github#/components/');
    const validate = this.compiled.get(key) ?? ajv.compile(JSON.parse(absolute) as Json);
    this.compiled.set(key, validate);
    return validate(value) ? [] : (validate.errors ?? []).slice(0, 5).map(sentence);
  }
}

function compiler(coerceTypes: boolean): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes });
  addFormats(ajv);
  ajv.addFormat('repo.nwo', /^[^/]*$/);
  return ajv;
}

function sentence({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath || 'it'} ${message ?? 'is wrong'} (${JSON.stringify(params)})`;
}
