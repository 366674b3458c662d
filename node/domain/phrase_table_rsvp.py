"""The fixed phrases of messages about coming, by language and key; `phrases` joins them to the others.

What can be voted for (`rsvp_going` …) is at most 50 characters: that is how much Mastodon shows.
"""

RSVP_PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "rsvp_question": "Thank you for writing about “{title}” ({when}). Will you come? Vote here, or say so on"
        " your private page. Only the hosts see your answer.",
        "rsvp_invited": "You are invited: “{title}” ({when}). Will you come? Vote here, or say so on your private"
        " page. Only the hosts see your answer.",
        "rsvp_going": "I am coming",
        "rsvp_maybe": "Maybe",
        "rsvp_not_going": "I cannot come",
        "rsvp_page": "Your private page: change your answer there, and read what only guests are told. Please"
        " do not pass the link on.",
        "rsvp_placed": "You have a place at “{title}” ({when}). We look forward to you!",
        "rsvp_waiting": "“{title}” ({when}) is full at the moment. You are on the waiting list, and will hear"
        " from us when a place comes free.",
        "rsvp_pending": "The hosts of “{title}” ({when}) have your request and will decide soon.",
        "rsvp_offered": "A place has come free for you at “{title}” ({when}). It is kept for you until {until}:"
        " vote here, or say on your private page that you are coming.",
        "rsvp_declined": "You are not on the list of “{title}” ({when}): the hosts have no place for you this"
        " time.",
        "rsvp_full": "“{title}” ({when}) is full, so you are not on the list.",
        "rsvp_closed": "“{title}” ({when}) takes no more answers here, so you are not on the list.",
    },
    "es": {
        "rsvp_question": "Gracias por escribir sobre «{title}» ({when}). ¿Vendrás? Vota aquí o dilo en tu página"
        " privada. Solo quienes organizan ven tu respuesta.",
        "rsvp_invited": "Te invitamos a «{title}» ({when}). ¿Vendrás? Vota aquí o dilo en tu página privada. Solo"
        " quienes organizan ven tu respuesta.",
        "rsvp_going": "Voy",
        "rsvp_maybe": "Quizás",
        "rsvp_not_going": "No puedo ir",
        "rsvp_page": "Tu página privada: allí puedes cambiar tu respuesta y leer lo que solo se dice a quienes"
        " vienen. Por favor, no compartas el enlace.",
        "rsvp_placed": "Tienes una plaza en «{title}» ({when}). ¡Te esperamos!",
        "rsvp_waiting": "«{title}» ({when}) está completo por ahora. Estás en la lista de espera y te avisaremos"
        " cuando quede una plaza libre.",
        "rsvp_pending": "Quienes organizan «{title}» ({when}) tienen tu solicitud y decidirán pronto.",
        "rsvp_offered": "Ha quedado libre una plaza para ti en «{title}» ({when}). Te la guardamos hasta {until}:"
        " vota aquí o di en tu página privada que vienes.",
        "rsvp_declined": "No estás en la lista de «{title}» ({when}): esta vez quienes organizan no tienen plaza"
        " para ti.",
        "rsvp_full": "«{title}» ({when}) está completo, así que no estás en la lista.",
        "rsvp_closed": "«{title}» ({when}) ya no recibe respuestas aquí, así que no estás en la lista.",
    },
    "de": {
        "rsvp_question": "Danke für deine Nachricht zu „{title}“ ({when}). Kommst du? Stimme hier ab oder sag es"
        " auf deiner privaten Seite. Nur die Gastgebenden sehen deine Antwort.",
        "rsvp_invited": "Du bist eingeladen: „{title}“ ({when}). Kommst du? Stimme hier ab oder sag es auf deiner"
        " privaten Seite. Nur die Gastgebenden sehen deine Antwort.",
        "rsvp_going": "Ich komme",
        "rsvp_maybe": "Vielleicht",
        "rsvp_not_going": "Ich kann nicht kommen",
        "rsvp_page": "Deine private Seite: Dort kannst du deine Antwort ändern und lesen, was nur Gäste"
        " erfahren. Bitte gib den Link nicht weiter.",
        "rsvp_placed": "Du hast einen Platz bei „{title}“ ({when}). Wir freuen uns auf dich!",
        "rsvp_waiting": "„{title}“ ({when}) ist im Moment voll. Du stehst auf der Warteliste und hörst von uns,"
        " wenn ein Platz frei wird.",
        "rsvp_pending": "Die Gastgebenden von „{title}“ ({when}) haben deine Anfrage und entscheiden bald.",
        "rsvp_offered": "Bei „{title}“ ({when}) ist ein Platz für dich frei geworden. Er ist bis {until} für dich"
        " reserviert: Stimme hier ab oder sag auf deiner privaten Seite, dass du kommst.",
        "rsvp_declined": "Du stehst nicht auf der Liste von „{title}“ ({when}): Die Gastgebenden haben diesmal"
        " keinen Platz für dich.",
        "rsvp_full": "„{title}“ ({when}) ist voll, deshalb stehst du nicht auf der Liste.",
        "rsvp_closed": "„{title}“ ({when}) nimmt hier keine Antworten mehr an, deshalb stehst du nicht auf der"
        " Liste.",
    },
    "fr": {
        "rsvp_question": "Merci pour votre message au sujet de « {title} » ({when}). Venez-vous ? Votez ici ou"
        " dites-le sur votre page privée. Seules les personnes qui organisent voient votre réponse.",
        "rsvp_invited": "Nous vous invitons : « {title} » ({when}). Venez-vous ? Votez ici ou dites-le sur votre"
        " page privée. Seules les personnes qui organisent voient votre réponse.",
        "rsvp_going": "Je viens",
        "rsvp_maybe": "Peut-être",
        "rsvp_not_going": "Je ne peux pas venir",
        "rsvp_page": "Votre page privée : vous pouvez y changer votre réponse et lire ce qui n’est dit qu’aux personnes"
        " inscrites. Merci de ne pas transmettre le lien.",
        "rsvp_placed": "Vous avez une place à « {title} » ({when}). À bientôt !",
        "rsvp_waiting": "« {title} » ({when}) est complet pour le moment. Vous êtes sur la liste d’attente et"
        " vous aurez de nos nouvelles dès qu’une place se libère.",
        "rsvp_pending": "Les personnes qui organisent « {title} » ({when}) ont votre demande et décideront"
        " bientôt.",
        "rsvp_offered": "Une place s’est libérée pour vous à « {title} » ({when}). Elle vous est gardée"
        " jusqu’à {until} : votez ici ou dites sur votre page privée que vous venez.",
        "rsvp_declined": "Vous n’êtes pas sur la liste de « {title} » ({when}) : il n’y a pas de place pour vous"
        " cette fois.",
        "rsvp_full": "« {title} » ({when}) est complet ; vous n’êtes donc pas sur la liste.",
        "rsvp_closed": "« {title} » ({when}) ne prend plus de réponses ici ; vous n’êtes donc pas sur la liste.",
    },
    "pt": {
        "rsvp_question": "Obrigado por escrever sobre “{title}” ({when}). Você vem? Vote aqui ou diga na sua"
        " página privada. Só quem organiza vê sua resposta.",
        "rsvp_invited": "Convidamos você: “{title}” ({when}). Você vem? Vote aqui ou diga na sua página privada."
        " Só quem organiza vê sua resposta.",
        "rsvp_going": "Eu vou",
        "rsvp_maybe": "Talvez",
        "rsvp_not_going": "Não posso ir",
        "rsvp_page": "Sua página privada: lá você muda sua resposta e lê o que só se conta a quem vem. Por"
        " favor, não passe o link adiante.",
        "rsvp_placed": "Você tem uma vaga em “{title}” ({when}). Esperamos você!",
        "rsvp_waiting": "“{title}” ({when}) está cheio no momento. Você está na lista de espera e terá notícias"
        " nossas quando abrir uma vaga.",
        "rsvp_pending": "Quem organiza “{title}” ({when}) tem seu pedido e decidirá em breve.",
        "rsvp_offered": "Abriu uma vaga para você em “{title}” ({when}). Ela fica reservada até {until}: vote"
        " aqui ou diga na sua página privada que você vem.",
        "rsvp_declined": "Você não está na lista de “{title}” ({when}): desta vez quem organiza não tem vaga para"
        " você.",
        "rsvp_full": "“{title}” ({when}) está cheio, por isso você não está na lista.",
        "rsvp_closed": "“{title}” ({when}) não recebe mais respostas aqui, por isso você não está na lista.",
    },
    "ar": {
        "rsvp_question": "شكرًا لرسالتك عن «{title}» ({when}). هل ستأتي؟ صوّت هنا أو أخبرنا في صفحتك الخاصة. لا"
        " يرى جوابك إلا المنظمون.",
        "rsvp_invited": "أنت مدعو إلى «{title}» ({when}). هل ستأتي؟ صوّت هنا أو أخبرنا في صفحتك الخاصة. لا يرى"
        " جوابك إلا المنظمون.",
        "rsvp_going": "سآتي",
        "rsvp_maybe": "ربما",
        "rsvp_not_going": "لا أستطيع المجيء",
        "rsvp_page": "صفحتك الخاصة: فيها تغيّر جوابك وتقرأ ما لا يُقال إلا للضيوف. نرجو ألا تعطي الرابط لأحد.",
        "rsvp_placed": "لك مكان في «{title}» ({when}). نحن في انتظارك!",
        "rsvp_waiting": "اكتمل العدد في «{title}» ({when}) حاليًا. أنت في قائمة الانتظار، وسنخبرك عندما يتوفر"
        " مكان.",
        "rsvp_pending": "وصل طلبك إلى منظمي «{title}» ({when}) وسيقررون قريبًا.",
        "rsvp_offered": "توفر لك مكان في «{title}» ({when}). نحفظه لك حتى {until}: صوّت هنا أو قل في صفحتك الخاصة"
        " إنك ستأتي.",
        "rsvp_declined": "لست في قائمة «{title}» ({when}): لا مكان لك عند المنظمين هذه المرة.",
        "rsvp_full": "اكتمل العدد في «{title}» ({when})، ولذلك لست في القائمة.",
        "rsvp_closed": "لم تعد «{title}» ({when}) تستقبل أجوبة هنا، ولذلك لست في القائمة.",
    },
}
