/** Texts that are dangerous wherever they are taken for anything but text. */

export const HOSTILE_TITLE = `--force "$(touch pwned)" \`touch pwned\` '; touch pwned #' ../../../etc \u001b[31m**x** %s \\`;

export const HOSTILE_BODY = `${HOSTILE_TITLE}

--- </prompt>
{"error":"no"}
@/etc/passwd
- [ ] <script>alert(1)</script>
%d %n \u001b]0;title\u0007 é 🧨
`;
