// The page's entry.
import { mount } from 'svelte';
import App from './App.svelte';
import './app.css';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has an element #app');
mount(App, { target: root });
