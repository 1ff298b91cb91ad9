// The theme that a person chose, before anything is drawn. The page's policy allows no script inside it.
(function () {
  try {
    var theme = localStorage.getItem('dashcam.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // The browser keeps nothing: the theme is the system's.
  }
})();
