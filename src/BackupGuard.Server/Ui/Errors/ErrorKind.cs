using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Ui.Errors;

public enum ErrorKind
{
    /// <summary>404.</summary>
    NotFound,

    /// <summary>403.</summary>
    Forbidden,

    /// <summary>400: a form without its token, or out of date.</summary>
    Refused,

    /// <summary>500.</summary>
    Failure,
}

/// <summary>What happened, what it means, what to do now.</summary>
public sealed record ErrorText(Phrase Title, Phrase Happened, Phrase Means, Phrase ToDo)
{
    public static ErrorText Of(ErrorKind kind) => kind switch
    {
        ErrorKind.NotFound => new(ErrorTexts.NotFoundTitle, ErrorTexts.NotFoundHappened, ErrorTexts.NotFoundMeans, ErrorTexts.NotFoundToDo),
        ErrorKind.Forbidden => new(ErrorTexts.ForbiddenTitle, ErrorTexts.ForbiddenHappened, ErrorTexts.ForbiddenMeans, ErrorTexts.ForbiddenToDo),
        ErrorKind.Refused => new(ErrorTexts.RefusedTitle, ErrorTexts.RefusedHappened, ErrorTexts.RefusedMeans, ErrorTexts.RefusedToDo),
        ErrorKind.Failure => new(ErrorTexts.FailureTitle, ErrorTexts.FailureHappened, ErrorTexts.FailureMeans, ErrorTexts.FailureToDo),
    };
}
