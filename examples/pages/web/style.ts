/** The style sheet of every page: no colour but in variables, no size but in rem, so that zoom and dark mode just work. */
export const PAGE_STYLE: string = `:root { color-scheme: light dark; --text: #1f2328; --muted: #59636e; --page: #ffffff; --raised: #f6f8fa; --line: #818b98; --link: #0969da; --button: #1f883d; --danger: #d1242f; --on-button: #ffffff }
@media (prefers-color-scheme: dark) {
  :root { --text: #f0f6fc; --muted: #9198a1; --page: #0d1117; --raised: #151b23; --line: #656c76; --link: #4493f8; --button: #238636; --danger: #b62324; }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.5 -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif }
header { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; align-items: center; padding: 0.75rem 1rem; background: var(--raised); border-bottom: 1px solid var(--line) }
header nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; flex-grow: 1 }
main { max-width: 50rem; margin: 0 auto; padding: 1rem }
h1 { margin: 0.5rem 0 1rem; font-size: 1.5rem }
h2 { margin: 2rem 0 0.5rem; font-size: 1.25rem; border-bottom: 1px solid var(--line) }
a { color: var(--link) }
[aria-current] { color: var(--text); font-weight: 600 }
button { padding: 0.3rem 1rem; border: 1px solid var(--line); border-radius: 0.4rem; background: var(--raised); color: var(--text); font: inherit; cursor: pointer }
button.primary { background: var(--button); color: var(--on-button) }
button.danger { background: var(--danger); color: var(--on-button) }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
form { margin: 0.5rem 0 }
.row { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; justify-content: space-between; padding: 0.75rem; border: 1px solid var(--line); border-radius: 0.4rem }
.row h2, .row p { margin: 0; border: 0 }
.note { padding: 0.5rem 0.75rem; border: 1px solid var(--line); border-inline-start-width: 0.4rem; border-radius: 0.4rem }
.muted { color: var(--muted) }
pre { max-height: 20rem; margin: 0 0 0.5rem; padding: 0.75rem; overflow: auto; background: var(--raised); border: 1px solid var(--line); border-radius: 0.4rem; white-space: pre-wrap; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1.5rem }
dd { margin: 0 }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr } dd { margin-bottom: 0.5rem } }
`;
