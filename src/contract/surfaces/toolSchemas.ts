/** The operations as tools for language models: what a model reads to choose and to call one. */
import * as z from 'zod';
import { OPERATIONS, type OperationName } from './api';
import { defined } from '../../kernel/defined';

/** A JSON schema of an object, as tools declare their arguments. */
export interface ToolSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, object>>;
  readonly required?: string[];
  readonly additionalProperties?: boolean;
}

const FOLDER = {
  type: 'string',
  minLength: 1,
  description: 'Absolute path of a folder. Needed only where several are open and no id tells.',
};

const objectSchema = z.object({
  properties: z.record(z.string(), z.looseObject({})),
  required: z.array(z.string()).optional(),
  additionalProperties: z.boolean().optional(),
});

/** In the draft of JSON schema that clients of every age read. */
export function toolSchemaOf(name: OperationName): ToolSchema {
  const { properties, required, additionalProperties } = objectSchema.parse(
    z.toJSONSchema(OPERATIONS[name], { io: 'input', target: 'draft-7' }),
  );
  return {
    type: 'object',
    properties: { ...properties, ...('folder' in properties ? { folder: FOLDER } : {}) },
    ...defined({ required, additionalProperties }),
  };
}

/** `runs.planRollback`: `Runs: plan rollback`. */
export function toolTitleOf(name: OperationName): string {
  const [group = '', verb = ''] = name.split('.');
  const words = verb.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${group.charAt(0).toUpperCase()}${group.slice(1)}: ${words}`;
}
