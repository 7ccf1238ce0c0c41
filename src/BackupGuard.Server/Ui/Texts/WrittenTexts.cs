namespace BackupGuard.Server.Ui.Texts;

/// <summary>Around a form that was not taken.</summary>
public static class WrittenTexts
{
    public static readonly Phrase Title = new("Ce que vous aviez écrit", "What you had written");
    public static readonly Phrase Note = new("Rien n’en est inscrit. Corrigez et renvoyez, ou recopiez-le sur papier.", "None of it is recorded. Correct it and send it again, or copy it on paper.");
    public static readonly Phrase NothingTyped = new("Votre formulaire n’avait pas de texte. Vous pouvez le renvoyer tel quel.", "Your form had no text. You can send it again as it is.");
    public static readonly Phrase SendAgain = new("Renvoyer", "Send again");
    public static readonly Phrase Text = new("Texte", "Text");
    public static readonly Phrase Hour = new("Heure", "Hour");
    public static readonly Phrase Speaker = new("Qui parle", "Who speaks");
    public static readonly Phrase Remark = new("Remarque", "Remark");
    public static readonly Phrase Reason = new("Motif", "Reason");
    public static readonly Phrase Value = new("Valeur", "Value");
    public static readonly Phrase Name = new("Nom sur la carte", "Name on the card");
    public static readonly Phrase Initials = new("Initiales", "Initials");
    public static readonly Phrase Second = new("Second visa", "Second visa");
    public static readonly Phrase Proof = new("Preuve d’envoi", "Proof of sending");
    public static readonly Phrase Contact = new("Interlocuteur", "Contact");
    public static readonly Phrase Late = new("Motif du retard", "Reason for being late");
    public static readonly Phrase Owner = new("Pilote", "Owner");
    public static readonly Phrase Due = new("Échéance", "Due");
    public static readonly Phrase OnPaper = new("Dossiers papier", "Paper files");
    public static readonly Phrase Reentered = new("Dont ressaisis", "Of which entered again");
    public static readonly Phrase Removed = new("Étapes retirées et motifs", "Steps removed and reasons");
    public static readonly Phrase Card = new("Carte", "Card");
    public static readonly Phrase Evidence = new("Preuve", "Evidence");
    public static readonly Phrase Voice = new("Voix", "Voice");
}
