/**
 * Parses statements of `sqlite_schema` into clauses, as SQLite would. Only tables with plain columns and indexes of
 * columns are supported; anything else is refused by name.
 */
import { refuse } from '../database/refusal';
import { shown, tokensOf, type Token } from './sqlTokens';
import { because } from '../../kernel/errors/reasons/problem';

/** A clause in its normal form for comparison: `check ( id = 1 )`. */
export interface Clause {
  readonly text: string;
  /** The words of an expression in it, which SQLite would run. */
  readonly expression: readonly Token[];
}

export interface ColumnSql {
  readonly name: string;
  readonly type: string;
  readonly clauses: readonly Clause[];
}

export interface TableSql {
  readonly kind: 'table';
  readonly name: string;
  readonly columns: readonly ColumnSql[];
  readonly constraints: readonly Clause[];
}

export interface IndexSql {
  readonly kind: 'index';
  readonly name: string;
  readonly table: string;
  /** Of plain columns only, and not unique. */
  readonly isPlain: boolean;
  readonly text: string;
}

/** @throws KernelError `DATABASE_REFUSED`, without the path, for any other statement. */
export function parseSchemaSql(sql: string): TableSql | IndexSql {
  const reader = new TokenReader(sql);
  reader.expect('create');
  const isUnique = reader.takeWord('unique');
  if (reader.takeWord('index')) return parseIndex(reader, isUnique);
  if (!isUnique && reader.takeWord('table')) return parseTable(reader);
  return refuse(because('its schema has an object that no version of Intercore makes: {sql}', { sql: shown(sql) }));
}

function parseIndex(reader: TokenReader, isUnique: boolean): IndexSql {
  const name = reader.name();
  reader.expect('on');
  const table = reader.name();
  const rest = reader.rest();
  const isPlain = !isUnique && /^\( \w+( (asc|desc))?( , \w+( (asc|desc))?)* \)$/.test(textOf(rest));
  return { kind: 'index', name, table, isPlain, text: `${isUnique ? 'unique ' : ''}${textOf(rest)}` };
}

const TABLE_CONSTRAINTS = ['constraint', 'primary', 'unique', 'check', 'foreign'];

function parseTable(reader: TokenReader): TableSql {
  const name = reader.name();
  reader.expect('(');
  const columns: ColumnSql[] = [];
  const constraints: Clause[] = [];
  do {
    if (reader.isAt(...TABLE_CONSTRAINTS)) constraints.push(...tableConstraint(reader));
    else columns.push(parseColumn(reader));
  } while (reader.takeWord(','));
  reader.expect(')');
  while (!reader.isDone) {
    if (reader.takeWord('without')) reader.expect('rowid');
    else if (!reader.takeWord('strict') && !reader.takeWord(',')) reader.fail();
  }
  return { kind: 'table', name, columns, constraints };
}

function tableConstraint(reader: TokenReader): Clause[] {
  while (reader.takeWord('constraint')) reader.name();
  if (reader.takeWord('check')) return [expressionClause('check', reader.group())];
  if (reader.takeWord('foreign')) {
    reader.expect('key');
    return [plainClause(`foreign key ${textOf(reader.group())} ${references(reader)}`)];
  }
  const kind = reader.takeWord('primary') ? 'primary key' : 'unique';
  reader.expect(kind === 'unique' ? 'unique' : 'key');
  return [plainClause(`${kind} ${textOf(reader.columnGroup())}`)];
}

const COLUMN_CLAUSES = [
  'constraint',
  'primary',
  'not',
  'null',
  'unique',
  'check',
  'default',
  'collate',
  'references',
  'generated',
  'as',
  ',',
  ')',
];

function parseColumn(reader: TokenReader): ColumnSql {
  const name = reader.name();
  const type: Token[] = [];
  while (!reader.isAt(...COLUMN_CLAUSES)) type.push(...(reader.isAt('(') ? reader.group() : [reader.take()]));
  const clauses: Clause[] = [];
  while (!reader.isAt(',', ')')) clauses.push(...columnClause(reader));
  return { name, type: textOf(type), clauses };
}

function columnClause(reader: TokenReader): Clause[] {
  if (reader.takeWord('constraint')) {
    reader.name();
    return [];
  }
  if (reader.takeWord('null')) return [];
  if (reader.takeWord('not')) {
    reader.expect('null');
    return [plainClause('not null')];
  }
  if (reader.takeWord('unique')) return [plainClause('unique')];
  if (reader.takeWord('check')) return [expressionClause('check', reader.group())];
  if (reader.takeWord('collate')) return [plainClause(`collate ${reader.name()}`)];
  if (reader.isAt('references')) return [plainClause(references(reader))];
  if (reader.takeWord('primary')) return [primaryKey(reader)];
  if (reader.takeWord('default')) return [defaultValue(reader)];
  return reader.fail();
}

function primaryKey(reader: TokenReader): Clause {
  reader.expect('key');
  const order = reader.takeWord('desc') ? ' desc' : '';
  if (order === '') reader.takeWord('asc');
  return plainClause(`primary key${order}${reader.takeWord('autoincrement') ? ' autoincrement' : ''}`);
}

function defaultValue(reader: TokenReader): Clause {
  if (reader.isAt('(')) return expressionClause('default', reader.group());
  const sign = reader.takeWord('-') ? '-' : reader.takeWord('+') ? '+' : '';
  return plainClause(`default ${sign}${reader.take().text}`);
}

function references(reader: TokenReader): string {
  reader.expect('references');
  const parts = ['references', reader.name()];
  if (reader.isAt('(')) parts.push(textOf(reader.columnGroup()));
  while (reader.takeWord('on')) {
    parts.push('on', reader.take().text, reader.take().text);
    if (reader.isAt('null', 'default', 'action')) parts.push(reader.take().text);
  }
  if (reader.isAt('match', 'deferrable')) reader.fail();
  return parts.join(' ');
}

function plainClause(text: string): Clause {
  return { text, expression: [] };
}

function expressionClause(kind: string, expression: readonly Token[]): Clause {
  return { text: `${kind} ${textOf(expression)}`, expression };
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => text).join(' ');
}

class TokenReader {
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(private readonly sql: string) {
    this.tokens = tokensOf(sql);
  }

  get isDone(): boolean {
    return this.at >= this.tokens.length;
  }

  fail(): never {
    return refuse(
      because('its schema has a statement that no version of Intercore makes: {sql}', { sql: shown(this.sql) }),
    );
  }

  /** Whether a keyword or sign of these is next. */
  isAt(...words: readonly string[]): boolean {
    const token = this.tokens[this.at];
    if (token === undefined) return this.fail();
    return (token.kind === 'word' || token.kind === 'sign') && !token.quoted && words.includes(token.text);
  }

  takeWord(word: string): boolean {
    if (this.isDone || !this.isAt(word)) return false;
    this.at += 1;
    return true;
  }

  expect(word: string): void {
    if (!this.takeWord(word)) this.fail();
  }

  take(): Token {
    const token = this.tokens[this.at];
    if (token === undefined) return this.fail();
    this.at += 1;
    return token;
  }

  name(): string {
    const { kind, text, quoted } = this.take();
    // SQLite also accepts a text as a name.
    if (kind === 'text') return text.slice(1, -1).toLowerCase();
    return kind === 'word' && (quoted || text !== '') ? text : this.fail();
  }

  rest(): readonly Token[] {
    const rest = this.tokens.slice(this.at);
    this.at = this.tokens.length;
    return rest;
  }

  /** A group in parentheses, including them. */
  group(): readonly Token[] {
    const first = this.at;
    this.expect('(');
    for (let depth = 1; depth > 0;) {
      const { kind, text } = this.take();
      if (kind === 'sign' && text === '(') depth += 1;
      if (kind === 'sign' && text === ')') depth -= 1;
    }
    return this.tokens.slice(first, this.at);
  }

  /** Names in parentheses. */
  columnGroup(): readonly Token[] {
    const group = this.group();
    if (!/^\( [^(),]+( , [^(),]+)* \)$/.test(textOf(group))) this.fail();
    return group;
  }
}
