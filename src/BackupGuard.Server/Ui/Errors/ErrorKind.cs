using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Ui.Errors;

public enum ErrorKind
{
    /// <summary>404.</summary>
    NotFound,

    /// <summary>404: a form for something that is not there.</summary>
    NoTarget,

    /// <summary>401: a form of a run, from somebody who is signed in no more.</summary>
    SignedOut,

    /// <summary>403.</summary>
    Forbidden,

    /// <summary>400: a form without its token, or out of date.</summary>
    Refused,

    /// <summary>409: a form that was read and not taken.</summary>
    NotRecorded,

    /// <summary>503: the store of the log does not answer, or does not verify.</summary>
    StoreFails,

    /// <summary>500.</summary>
    Failure,
}

/// <summary>What happened, what it means, what to do now.</summary>
public sealed record ErrorText(Phrase Title, Phrase Happened, Phrase Means, Phrase ToDo)
{
    public static ErrorText Of(ErrorKind kind) => kind switch
    {
        ErrorKind.NotFound => new(ErrorTexts.NotFoundTitle, ErrorTexts.NotFoundHappened, ErrorTexts.NotFoundMeans, ErrorTexts.NotFoundToDo),
        ErrorKind.NoTarget => new(ErrorTexts.NotRecordedTitle, ErrorTexts.NoTargetHappened, ErrorTexts.NotRecordedMeans, ErrorTexts.NoTargetToDo),
        ErrorKind.SignedOut => new(ErrorTexts.SignedOutTitle, ErrorTexts.SignedOutHappened, ErrorTexts.NotRecordedMeans, ErrorTexts.SignedOutToDo),
        ErrorKind.Forbidden => new(ErrorTexts.ForbiddenTitle, ErrorTexts.ForbiddenHappened, ErrorTexts.ForbiddenMeans, ErrorTexts.ForbiddenToDo),
        ErrorKind.Refused => new(ErrorTexts.RefusedTitle, ErrorTexts.RefusedHappened, ErrorTexts.RefusedMeans, ErrorTexts.RefusedToDo),
        ErrorKind.NotRecorded => new(ErrorTexts.NotRecordedTitle, ErrorTexts.NotRecordedHappened, ErrorTexts.NotRecordedMeans, ErrorTexts.NotRecordedToDo),
        ErrorKind.StoreFails => new(ErrorTexts.StoreFailsTitle, ErrorTexts.StoreFailsHappened, ErrorTexts.StoreFailsMeans, ErrorTexts.StoreFailsToDo),
        ErrorKind.Failure => new(ErrorTexts.FailureTitle, ErrorTexts.FailureHappened, ErrorTexts.FailureMeans, ErrorTexts.FailureToDo),
    };
}
