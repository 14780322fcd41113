/** What VS Code's own themes tell a webview, as far as our pages ask. */

export interface ThemeColors {
  /** The class that VS Code gives the body. */
  readonly bodyClass: string;
  readonly variables: Readonly<Record<string, string>>;
}

const FONT = { 'font-family': '"DejaVu Sans", "Liberation Sans", sans-serif', 'font-size': '13px' };

export const THEMES = {
  dark: {
    bodyClass: 'vscode-dark',
    variables: {
      ...FONT,
      foreground: '#cccccc',
      descriptionForeground: '#9d9d9d',
      errorForeground: '#f85149',
      focusBorder: '#0078d4',
      'editor-background': '#1f1f1f',
      'editorWidget-background': '#202020',
      'editorWidget-foreground': '#cccccc',
      'widget-border': '#313131',
      'panel-border': '#2b2b2b',
      'editorWarning-foreground': '#cca700',
      'list-warningForeground': '#cca700',
      'list-hoverBackground': '#2a2d2e',
      'button-border': 'rgba(255, 255, 255, 0.1)',
      'button-secondaryBackground': '#313131',
      'button-secondaryForeground': '#cccccc',
      'button-secondaryHoverBackground': '#3c3c3c',
      'badge-background': '#616161',
      'badge-foreground': '#f8f8f8',
      'textBlockQuote-background': '#2b2b2b',
      'testing-iconPassed': '#73c991',
      'testing-iconFailed': '#f14c4c',
    },
  },
  light: {
    bodyClass: 'vscode-light',
    variables: {
      ...FONT,
      foreground: '#3b3b3b',
      descriptionForeground: '#3b3b3b',
      errorForeground: '#f85149',
      focusBorder: '#005fb8',
      'editor-background': '#ffffff',
      'editorWidget-background': '#f8f8f8',
      'editorWidget-foreground': '#3b3b3b',
      'widget-border': '#e5e5e5',
      'panel-border': '#e5e5e5',
      'editorWarning-foreground': '#bf8803',
      'list-warningForeground': '#855f00',
      'list-hoverBackground': '#f2f2f2',
      'button-border': 'rgba(0, 0, 0, 0.1)',
      'button-secondaryBackground': '#e5e5e5',
      'button-secondaryForeground': '#3b3b3b',
      'button-secondaryHoverBackground': '#cccccc',
      'badge-background': '#cccccc',
      'badge-foreground': '#3b3b3b',
      'textBlockQuote-background': '#f8f8f8',
      'testing-iconPassed': '#73c991',
      'testing-iconFailed': '#f14c4c',
    },
  },
  highContrast: {
    bodyClass: 'vscode-high-contrast',
    variables: {
      ...FONT,
      foreground: '#ffffff',
      descriptionForeground: 'rgba(255, 255, 255, 0.7)',
      errorForeground: '#f48771',
      focusBorder: '#f38518',
      contrastBorder: '#6fc3df',
      'editor-background': '#000000',
      'editorWidget-background': '#0c141f',
      'editorWidget-foreground': '#ffffff',
      'editorWarning-foreground': '#ffd370',
      'list-warningForeground': '#cca700',
      'list-hoverBackground': 'rgba(255, 255, 255, 0.1)',
      'button-secondaryForeground': '#ffffff',
      'badge-background': '#000000',
      'badge-foreground': '#ffffff',
      'panel-border': '#6fc3df',
      'testing-iconPassed': '#73c991',
      'testing-iconFailed': '#f14c4c',
    },
  },
} as const satisfies Readonly<Record<string, ThemeColors>>;
