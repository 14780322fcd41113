/** A question of an agent as a form: the flat schema that the protocol allows, read leniently. */
import * as z from 'zod';
import type { FormField } from '../../../contract/sessions';
import { defined } from '../../../kernel/defined';

const MAX_FIELDS = 50;
const MAX_CHOICES = 200;

const text = z.string().optional().catch(undefined);
const choice = z.object({ const: z.string(), title: text });
const choices = z.array(z.unknown()).optional().catch(undefined);

const property = z.object({
  type: text,
  title: text,
  description: text,
  enum: choices,
  oneOf: choices,
  items: z.object({ enum: choices, anyOf: choices, oneOf: choices }).optional().catch(undefined),
});

const schema = z.object({
  properties: z.record(z.string(), property.catch({ type: undefined })).catch({}),
  required: z.array(z.string()).catch([]),
});

/** Empty where the question has no fields that a person could fill in. */
export function fieldsOf(requested: unknown): FormField[] {
  const parsed = schema.safeParse(requested);
  if (!parsed.success) return [];
  const { properties, required } = parsed.data;
  return Object.entries(properties)
    .slice(0, MAX_FIELDS)
    .map(([name, { type, title, description, ...listed }]) => {
      const many = choicesOf(listed.items?.enum, listed.items?.anyOf ?? listed.items?.oneOf);
      const one = choicesOf(listed.enum, listed.oneOf);
      const kind = many.length > 0 ? 'choices' : one.length > 0 ? 'choice' : kindOf(type);
      return {
        name,
        title: title ?? name,
        ...defined({ description }),
        kind,
        ...(kind === 'choice' || kind === 'choices' ? { choices: kind === 'choice' ? one : many } : {}),
        isRequired: required.includes(name),
      };
    });
}

function kindOf(type: string | undefined): 'text' | 'number' | 'integer' | 'boolean' {
  return type === 'number' || type === 'integer' || type === 'boolean' ? type : 'text';
}

function choicesOf(
  values: readonly unknown[] | undefined,
  titled: readonly unknown[] | undefined,
): { readonly value: string; readonly title: string }[] {
  const named = (titled ?? []).flatMap((item) => choice.safeParse(item).data ?? []);
  const all = [
    ...named.map((item) => ({ value: item.const, title: item.title ?? item.const })),
    ...(values ?? []).filter((value) => typeof value === 'string').map((value) => ({ value, title: value })),
  ];
  return all.slice(0, MAX_CHOICES);
}
