"""The fixed phrases of letters, by language and key; `phrases` joins them to the others."""

LETTER_PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "letter_offered": "A place has come free for you at “{title}” ({when}). It is kept for you until {until}:"
        " say on your private page that you are coming.",
        "letter_changed": "Something has changed at a gathering that you said you may come to:",
        "letter_page": "Your private page, where you can change or cancel your answer (please do not pass it on):",
        "letter_code": "On paper, this code is shorter: {code}. Type it at {address}",
        "letter_not_me": "Was it not you who gave us this address? Press the button on this page. Then the answer and"
        " the address are erased, and we write nothing more for a month:",
    },
    "es": {
        "letter_offered": "Ha quedado libre una plaza para ti en «{title}» ({when}). Te la guardamos hasta {until}:"
        " di en tu página privada que vienes.",
        "letter_changed": "Algo ha cambiado en un encuentro al que dijiste que quizá vendrías:",
        "letter_page": "Tu página privada, donde puedes cambiar o anular tu respuesta (por favor, no la compartas):",
        "letter_code": "En papel es más corto este código: {code}. Escríbelo en {address}",
        "letter_not_me": "¿No fuiste tú quien nos dio esta dirección? Pulsa el botón de esta página: se borran la"
        " respuesta y la dirección, y no escribimos más durante un mes:",
    },
    "de": {
        "letter_offered": "Bei „{title}“ ({when}) ist ein Platz für dich frei geworden. Er ist bis {until} für dich"
        " reserviert: Sag auf deiner privaten Seite, dass du kommst.",
        "letter_changed": "Bei einem Treffen, zu dem du vielleicht kommst, hat sich etwas geändert:",
        "letter_page": "Deine private Seite, auf der du deine Antwort ändern oder absagen kannst (bitte nicht"
        " weitergeben):",
        "letter_code": "Auf Papier ist dieser Code kürzer: {code}. Gib ihn hier ein: {address}",
        "letter_not_me": "Hast nicht du uns diese Adresse gegeben? Drücke den Knopf auf dieser Seite. Dann werden"
        " Antwort und Adresse gelöscht, und wir schreiben einen Monat lang nichts mehr:",
    },
    "fr": {
        "letter_offered": "Une place s'est libérée pour toi à « {title} » ({when}). Elle t'est gardée jusqu'au"
        " {until} : dis sur ta page privée que tu viens.",
        "letter_changed": "Quelque chose a changé pour une rencontre à laquelle tu viendras peut-être :",
        "letter_page": "Ta page privée, où tu peux changer ou annuler ta réponse (merci de ne pas la partager) :",
        "letter_code": "Sur papier, ce code est plus court : {code}. Saisis-le sur {address}",
        "letter_not_me": "Ce n'est pas toi qui nous as donné cette adresse ? Appuie sur le bouton de cette page : la"
        " réponse et l'adresse sont effacées, et nous n'écrivons plus pendant un mois :",
    },
    "pt": {
        "letter_offered": "Surgiu uma vaga para você em “{title}” ({when}). Ela fica guardada até {until}: diga na"
        " sua página privada que você vem.",
        "letter_changed": "Algo mudou em um encontro ao qual você disse que talvez viesse:",
        "letter_page": "Sua página privada, onde você pode mudar ou cancelar sua resposta (por favor, não"
        " compartilhe):",
        "letter_code": "No papel, este código é mais curto: {code}. Digite-o em {address}",
        "letter_not_me": "Não foi você quem nos deu este endereço? Aperte o botão desta página: a resposta e o"
        " endereço são apagados, e não escrevemos mais durante um mês:",
    },
    "ar": {
        "letter_offered": "توفر لك مكان في «{title}» ({when}). نحفظه لك حتى {until}: قل في صفحتك الخاصة إنك ستأتي.",
        "letter_changed": "تغيّر شيء في لقاء قلت إنك قد تأتي إليه:",
        "letter_page": "صفحتك الخاصة، وفيها تغيّر جوابك أو تلغيه (نرجو ألا تعطيها لأحد):",
        "letter_code": "على الورق هذا الرمز أقصر: {code}. اكتبه في {address}",
        "letter_not_me": "ألست من أعطانا هذا العنوان؟ اضغط الزر في هذه الصفحة، فيُمحى الجواب والعنوان ولا نكتب إليك"
        " شيئًا مدة شهر:",
    },
}
