/**
 * A form that was sent is not sent again by a second click: signing in, or the use of a link, would
 * then be undone by its own double. What is signed or sealed in the page minds this by itself.
 */

const WAIT = 4000;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  // where the answer is a file the page stays, and the form can be sent again
  setTimeout(() => delete form.dataset.sent, WAIT);
});
