/**
 * A rule of ESLint: text is cut to a length in `src/kernel/text/storableText.ts` only, where whole characters are kept. Cutting
 * at a place that was found in the text, and cutting hexadecimal digits or a time in ISO form, is none of its business.
 */
import { ESLintUtils } from '@typescript-eslint/utils';
import ts from 'typescript';

const CUTS = new Set(['slice', 'substring', 'substr']);
const LIMIT = /^([A-Z][A-Z0-9_]*|longest|longestLine|length|room|limit|max[A-Z]\w*|characters|most[A-Z]\w*)$/;
const ASCII = /sha\b|sha\?|hash|digest|hex|commit|toISOString|MAX_HASH/i;

const isLimit = (node) => {
  if (node.type === 'UnaryExpression') return isLimit(node.argument);
  if (node.type === 'BinaryExpression') return isLimit(node.left) || isLimit(node.right);
  if (node.type === 'Literal') return typeof node.value === 'number' && node.value > 4;
  return node.type === 'Identifier' && LIMIT.test(node.name);
};

export default {
  rules: {
    'whole-characters': ESLintUtils.RuleCreator.withoutDocs({
      meta: {
        type: 'problem',
        schema: [],
        messages: {
          cut: 'Cut text with startOf, endOf or shortened of kernel/text/storableText.ts: this may halve a character.',
        },
      },
      defaultOptions: [],
      create(context) {
        const services = ESLintUtils.getParserServices(context);
        return {
          CallExpression(node) {
            const { callee } = node;
            if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return;
            if (!CUTS.has(callee.property.name) || !node.arguments.some(isLimit)) return;
            if (ASCII.test(context.sourceCode.getText(callee.object))) return;
            const type = services.getTypeAtLocation(callee.object);
            const parts = type.isUnion() ? type.types : [type];
            if (parts.some((part) => (part.flags & ts.TypeFlags.StringLike) !== 0))
              context.report({ node, messageId: 'cut' });
          },
        };
      },
    }),
  },
};
