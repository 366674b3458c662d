"""The fixed phrases of asking somebody whether their words may be shared, by language and key.

What can be voted for is at most 50 characters: that is how much Mastodon shows.
"""

CONSENT_PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "consent_question": "What you wrote touched us at “{group}”: {post}",
        "consent_how": "May we share it as a reflection on our pages, and send it to those who follow us? A steward"
        " reads it once more before. You can take it back at any time: vote again, or delete your post."
        " Copies on other servers and on paper may remain.",
        "consent_named": "Yes, with my name",
        "consent_anonymous": "Yes, without my name",
        "consent_no": "No, please do not",
    },
    "es": {
        "consent_question": "Lo que escribiste nos llegó en «{group}»: {post}",
        "consent_how": "¿Podemos compartirlo como reflexión en nuestras páginas y enviarlo a quienes nos siguen?"
        " Antes, alguien del equipo lo lee una vez más. Puedes retirarlo cuando quieras: vota de nuevo o borra"
        " tu publicación. Pueden quedar copias en otros servidores y en papel.",
        "consent_named": "Sí, con mi nombre",
        "consent_anonymous": "Sí, sin mi nombre",
        "consent_no": "No, por favor",
    },
    "de": {
        "consent_question": "Was du geschrieben hast, hat uns bei „{group}“ berührt: {post}",
        "consent_how": "Dürfen wir es als Reflexion auf unseren Seiten teilen und an alle senden, die uns folgen?"
        " Vorher liest es noch jemand von uns. Du kannst es jederzeit zurücknehmen: Stimme noch einmal ab oder"
        " lösche deinen Beitrag. Kopien auf anderen Servern und auf Papier können bleiben.",
        "consent_named": "Ja, mit meinem Namen",
        "consent_anonymous": "Ja, ohne meinen Namen",
        "consent_no": "Nein, bitte nicht",
    },
    "fr": {
        "consent_question": "Ce que vous avez écrit nous a touchés à « {group} » : {post}",
        "consent_how": "Pouvons-nous le partager comme réflexion sur nos pages et l'envoyer à celles et ceux qui nous"
        " suivent ? Quelqu'un de l'équipe le relit avant. Vous pouvez le reprendre à tout moment : votez à nouveau"
        " ou supprimez votre message. Des copies sur d'autres serveurs et sur papier peuvent rester.",
        "consent_named": "Oui, avec mon nom",
        "consent_anonymous": "Oui, sans mon nom",
        "consent_no": "Non, merci",
    },
    "pt": {
        "consent_question": "O que você escreveu nos tocou em “{group}”: {post}",
        "consent_how": "Podemos compartilhar como reflexão em nossas páginas e enviar a quem nos segue? Antes, alguém"
        " da equipe lê mais uma vez. Você pode retirar quando quiser: vote de novo ou apague sua publicação."
        " Podem restar cópias em outros servidores e em papel.",
        "consent_named": "Sim, com meu nome",
        "consent_anonymous": "Sim, sem meu nome",
        "consent_no": "Não, por favor",
    },
    "ar": {
        "consent_question": "لامسنا في «{group}» ما كتبتَ: {post}",
        "consent_how": "هل تسمح بأن نشاركه تأمّلًا على صفحاتنا وأن نرسله إلى متابعينا؟ يقرؤه أحد القائمين مرة أخرى قبل"
        " ذلك. يمكنك سحبه في أي وقت: صوّت من جديد أو احذف منشورك. قد تبقى نسخ على خوادم أخرى وعلى الورق.",
        "consent_named": "نعم، مع ذكر اسمي",
        "consent_anonymous": "نعم، من دون اسمي",
        "consent_no": "لا، من فضلكم",
    },
}
