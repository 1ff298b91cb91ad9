// CodeMirror for small texts. It stands in a shadow root: there it can add its styles, which the page's policy keeps out
// of the document.
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

export type Language = 'json' | 'text';

export interface Options {
  text: string;
  /** Names it for those who do not see it. */
  label: string;
  language: Language;
  onchange: (text: string) => void;
  /** Ctrl+Enter, or Cmd+Enter. */
  onsend: () => void;
}

/** An editor that is open. */
export interface Editor {
  setText: (text: string) => void;
  setLanguage: (language: Language) => void;
  setDisabled: (isDisabled: boolean) => void;
  focus: () => void;
  destroy: () => void;
}

const COLOURS = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--json-name)' },
  { tag: tags.string, color: 'var(--json-string)' },
  { tag: tags.number, color: 'var(--json-number)' },
  { tag: [tags.bool, tags.null], color: 'var(--json-word)' },
]);

const THEME = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--bg)', fontSize: '12.5px' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.45' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-gutters': { color: 'var(--muted)', backgroundColor: 'var(--panel)', border: 'none' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--selected)' },
});

const extensions = (language: Language) => (language === 'json' ? [json(), bracketMatching(), indentOnInput()] : []);

/** Opens an editor in `host`, which has nothing else in it. */
export function openEditor(host: HTMLElement, { text, label, language, onchange, onsend }: Options): Editor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const [languages, writable] = [new Compartment(), new Compartment()];
  const send = () => {
    onsend();
    return true;
  };
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        history(),
        keymap.of([{ key: 'Mod-Enter', run: send }, ...defaultKeymap, ...historyKeymap]),
        languages.of(extensions(language)),
        writable.of([]),
        syntaxHighlighting(COLOURS),
        THEME,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onchange(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    setText: (next) => {
      if (next === view.state.doc.toString()) return;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
    },
    setLanguage: (next) => view.dispatch({ effects: languages.reconfigure(extensions(next)) }),
    setDisabled: (isDisabled) =>
      view.dispatch({
        effects: writable.reconfigure(isDisabled ? [EditorState.readOnly.of(true), EditorView.editable.of(false)] : []),
      }),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
