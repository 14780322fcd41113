/** The doctor's findings as the body of a page, with a link for each that can be fixed. The text has all findings. Pure. */
import {
  countOf,
  type DoctorFinding,
  type DoctorFix,
  type DoctorReport,
  type FindingLevel,
} from '../../../contract/results/doctor';
import { sentencesOf } from '../../../services/doctor/model';
import { REPORT_ORDER, REPORT_WORDS, reportFacts, type Translate } from '../../../services/doctor/report';
import { escapeHtml } from '../../webview/pageHtml';

/** Commands that the page may call. */
export const DOCTOR_PAGE_COMMANDS = {
  run: 'intercore.doctor.run',
  fix: 'intercore.doctor.fix',
  copy: '_intercore.doctor.copyText',
  text: '_intercore.doctor.showText',
} as const;

export interface DoctorPageTexts {
  readonly runAgain: string;
  readonly copyText: string;
  readonly showText: string;
  /** For a report without problems and warnings. */
  readonly allFine: string;
  /** The title of a finding's button; undefined if there is no fix. */
  fixOf(finding: DoctorFinding): string | undefined;
}

/** Shows only what is not fine; notes are collapsed. A page without a script: its buttons are links to commands. */
export function doctorPage(report: DoctorReport, texts: DoctorPageTexts, translate: Translate): string {
  const t = (template: string): string => escapeHtml(translate(template, reportFacts(report)));
  const isFine = countOf(report, 'problem') + countOf(report, 'warning') === 0;
  const shown = REPORT_ORDER.filter((level) => level !== 'ok');
  return `<main>
<h1>${t(REPORT_WORDS.title)}</h1>
<p>${t(REPORT_WORDS.counts)}</p>
<nav>
${button('primary', DOCTOR_PAGE_COMMANDS.run, texts.runAgain)}
${button('secondary', DOCTOR_PAGE_COMMANDS.copy, texts.copyText)}
${button('secondary', DOCTOR_PAGE_COMMANDS.text, texts.showText)}
</nav>
${isFine ? `<p class="fine">${escapeHtml(texts.allFine)}</p>` : ''}
${shown.map((level) => sectionOf(report, level, texts, translate)).join('\n')}
<p class="quiet">${t(REPORT_WORDS.looked)}</p>
</main>`;
}

function sectionOf(report: DoctorReport, level: FindingLevel, texts: DoctorPageTexts, translate: Translate): string {
  const findings = report.findings.filter((finding) => finding.level === level);
  if (findings.length === 0) return '';
  const heading = `${escapeHtml(translate(REPORT_WORDS[level], {}))} (${findings.length})`;
  const list = findings.map((finding) => article(report, finding, texts, translate)).join('\n');
  return level === 'info'
    ? `<details><summary><h2>${heading}</h2></summary>${list}</details>`
    : `<section class="${level}"><h2>${heading}</h2>${list}</section>`;
}

function article(report: DoctorReport, finding: DoctorFinding, texts: DoctorPageTexts, translate: Translate): string {
  const { saw, why, remedy } = sentencesOf(finding.code, finding.facts, translate);
  const code = finding.fix === null ? undefined : codeOf(finding.fix);
  const fix = texts.fixOf(finding);
  const kind = finding.level === 'info' ? 'secondary' : 'primary';
  const parts = [
    `<h3>${escapeHtml(saw)}</h3>`,
    `<p>${escapeHtml(remedy)}</p>`,
    `<p class="quiet">${escapeHtml(why)}</p>`,
    code === undefined ? '' : `<p><code>${escapeHtml(code)}</code></p>`,
    fix === undefined
      ? ''
      : `<p>${button(kind, DOCTOR_PAGE_COMMANDS.fix, fix, [{ finding: report.findings.indexOf(finding) }])}</p>`,
  ];
  return `<article>${parts.join('')}</article>`;
}

/** What a person may want to select: a line for a shell, the name of a setting, or an address. */
function codeOf(fix: DoctorFix): string | undefined {
  switch (fix.kind) {
    case 'shell':
      return fix.line;
    case 'setting':
      return fix.setting;
    case 'link':
      return fix.url;
    case 'command':
      return undefined;
  }
}

function button(
  kind: 'primary' | 'secondary',
  command: string,
  text: string,
  args: readonly { readonly finding: number }[] = [],
): string {
  const query = args.length === 0 ? '' : `?${encodeURIComponent(JSON.stringify(args))}`;
  return `<a class="button ${kind}" href="command:${command}${escapeHtml(query)}">${escapeHtml(text)}</a>`;
}
