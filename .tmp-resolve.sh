sed -i '/^<<<<<<< \|^=======$\|^>>>>>>> /d' l10n/bundle.l10n.json src/kernel/errorFacts.ts src/kernel/errorSentences.ts src/host/git/gitArguments.ts
npx prettier --check src/kernel/errorFacts.ts src/kernel/errorSentences.ts l10n/bundle.l10n.json
