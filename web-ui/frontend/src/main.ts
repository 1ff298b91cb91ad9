// The page's entry: the page is drawn over the bars that index.html shows meanwhile.
import { mount } from 'svelte';
import App from './app/App.svelte';
import './styles/index.css';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has an element #app');
// In a task of its own: reading the code was one.
setTimeout(() => mount(App, { target: root }));
// They go once the page has certainly been drawn: nothing flickers between the two.
setTimeout(() => document.getElementById('shell')?.remove(), 500);
