namespace BackupGuard.Verification.Tests.Anomaly.Simulation;

/// <summary>How many files: 1 is about 2,300 files and 90 MB.</summary>
internal sealed record HospitalSize(double Factor)
{
    public static HospitalSize Reduced => new(0.3);
    public static HospitalSize Full => new(1);
    public int Of(int count) => Math.Max(2, (int)(count * Factor));
}

/// <summary>A generated hospital: what it has on the first day, and what its people do on the others.</summary>
internal sealed class Hospital
{
    public const string Root = "/srv";
    public static readonly DateTimeOffset FirstDay = new(2026, 3, 2, 22, 0, 0, TimeSpan.Zero);    // a Monday

    private readonly Dice dice;
    private readonly HospitalSize size;
    private int counter;

    private int DumpLength => (int)(1_200_000 * Math.Min(1, size.Factor * 2));

    public Hospital(ulong seed, HospitalSize size)
    {
        (dice, this.size) = (new Dice(seed), size);
        Furnish();
    }

    public MemoryTree Tree { get; } = new();

    /// <summary>Canaries: people know nothing of them and have no reason to open, move or delete them.</summary>
    public HashSet<string> Untouched { get; } = new(StringComparer.Ordinal);

    private void Furnish()
    {
        Add(size.Of(330), "bureautique", 24, () => Named("docx", FileForge.Office(dice, dice.Between(6000, 60000), false)));
        Add(size.Of(110), "bureautique", 24, () => Named("xlsx", FileForge.Office(dice, dice.Between(6000, 60000), true)));
        Add(size.Of(220), "courriers", 12, () => Named("pdf", FileForge.Pdf(dice, dice.Between(15000, 90000))));
        Add(size.Of(160), "bureautique", 24, () => Named("txt", FileForge.Text(dice, dice.Between(300, 20000))));
        Add(size.Of(110), "exports", 4, () => Named("csv", FileForge.Csv(dice, dice.Between(2000, 60000))));
        Add(size.Of(110), "exports", 4, () => Named("xml", FileForge.Xml(dice, dice.Between(2000, 40000))));
        Add(size.Of(420), "hl7/recus", 6, () => Named("hl7", FileForge.Hl7(dice)));
        Add(size.Of(330), "pacs", 40, () => Named("dcm", FileForge.Dicom(dice, dice.Between(20000, 90000), dice.Below(3) != 0)));
        Add(size.Of(120), "photos", 8, () => Named("jpg", FileForge.Jpeg(dice, dice.Between(30000, 120000))));
        Add(size.Of(150), "windows/system32", 3, () => Named("dll", FileForge.Program(dice, dice.Between(8000, 60000))));
        Add(size.Of(30), "archives", 2, () => dice.Below(2) == 0 ? Named("zip", FileForge.LockedZip(dice, dice.Between(20000, 90000))) : Named("xz", FileForge.Xz(dice, dice.Between(20000, 90000))));
        for (var i = 0; i < size.Of(24); i++) Put($"logs/appli{i:00}.log", FileForge.Log(dice, dice.Between(20000, 80000), 0), 1);
        for (var i = 0; i < 4; i++) Put($"dumps/base{i}.sql.gz", FileForge.SqlDump(dice, DumpLength), 1);
        for (var i = 0; i < 3; i++) Put($"bases/gestion{i}.mdf", FileForge.Database(dice, 200), 1);
        for (var i = 0; i < 2; i++) Put($"bases/tde/coffre{i}.mdf", FileForge.EncryptedDatabase(dice, 200), 1);
        // One that is long enough for stripes of 10 MiB.
        Put("bases/grande.mdf", FileForge.Database(dice, (int)(3200 * Math.Min(1, size.Factor * 2))), 1);
    }

    private (string, byte[]) Named(string extension, byte[] content) => ($"{FolderName()}-{counter++:00000}.{extension}", content);

    private string FolderName() => dice.Of((string[])["note", "bilan", "dossier", "suivi", "liste", "fiche", "plan", "tableau"]);

    private void Add(int count, string below, int folders, Func<(string Name, byte[] Content)> make)
    {
        for (var i = 0; i < count; i++)
        {
            var (name, content) = make();
            // Most of what a hospital keeps was last touched long ago.
            Put($"{below}/{(folders > 1 ? $"d{dice.Below(folders):00}/" : "")}{name}", content, dice.Below(10) < 8 ? dice.Between(90, 1500) : dice.Between(1, 89));
        }
    }

    private void Put(string path, byte[] content, int daysOld) => Tree.Write($"{Root}/{path}", content, FirstDay.AddDays(-daysOld).AddMinutes(-dice.Below(700)));

    /// <summary>One day of work before the backup of that evening.</summary>
    public void Work(MemoryTree tree, Dice dice, int day)
    {
        var evening = FirstDay.AddDays(day);
        var isWeekend = evening.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
        var pace = isWeekend ? 0.2 : 0.7 + 0.6 * dice.Share();
        var paths = tree.Paths.Where(p => !Untouched.Contains(p)).ToList();
        DateTimeOffset Moment() => evening.AddMinutes(-dice.Between(120, 900));

        Edit(tree, dice, pace, paths, Moment);
        for (var i = (int)(pace * size.Of(14)); i > 0; i--) Arrive(tree, dice, Moment());
        // Messages are kept for a while: as many old ones go as new ones came.
        foreach (var old in paths.Where(p => p.EndsWith(".hl7", StringComparison.Ordinal)).OrderBy(tree.ModifiedAt).Take((int)(pace * size.Of(6)))) tree.Delete(old);
        if (dice.Below(3) == 0 && paths.Where(p => p.EndsWith(".txt", StringComparison.Ordinal)).ToList() is { Count: > 20 } texts)
            tree.Delete(dice.Of(texts));
        HaveMishaps(tree, dice, paths, Moment);
        RunMachines(tree, dice, day, evening, paths);
    }

    /// <summary>What makes a checker of contents wrong: documents cut by a crash, files that somebody encrypted on purpose, tables saved under another name.</summary>
    private static void HaveMishaps(MemoryTree tree, Dice dice, List<string> paths, Func<DateTimeOffset> moment)
    {
        var there = paths.Where(tree.Files.ContainsKey).ToList();
        if (dice.Below(5) == 0 && there.Where(p => p.EndsWith(".docx", StringComparison.Ordinal)).ToList() is { Count: > 0 } documents && dice.Of(documents) is var cut)
            tree.Write(cut, tree.Read(cut)[..(tree.Read(cut).Length / 2)], moment());
        if (dice.Below(6) == 0) tree.Write($"{Root}/exports/d01/envoi-{dice.Below(1_000_000)}.enc", dice.Bytes(dice.Between(8000, 60000)), moment());
        if (dice.Below(8) == 0) tree.Write($"{Root}/exports/d02/tableau-{dice.Below(1_000_000)}.csv", FileForge.Office(dice, 9000, true), moment());
        if (dice.Below(8) == 0) tree.Write($"{Root}/exports/d03/lot-{dice.Below(1_000_000)}.zip", FileForge.LockedZip(dice, dice.Between(20000, 90000)), moment());
    }

    private void Edit(MemoryTree tree, Dice dice, double pace, List<string> paths, Func<DateTimeOffset> moment)
    {
        var editable = paths.Where(p => p.EndsWith(".docx", StringComparison.Ordinal) || p.EndsWith(".xlsx", StringComparison.Ordinal) || p.EndsWith(".txt", StringComparison.Ordinal) || p.EndsWith(".csv", StringComparison.Ordinal) || p.EndsWith(".xml", StringComparison.Ordinal)).ToList();
        // Nearly all edits fall on what is being worked on anyway.
        var hot = editable.OrderByDescending(tree.ModifiedAt).Take(editable.Count / 7).ToList();
        for (var i = (int)(pace * size.Of(40)); i > 0; i--)
        {
            var path = dice.Below(10) < 9 ? dice.Of(hot) : dice.Of(editable);
            if (tree.Files.ContainsKey(path)) tree.Write(path, Edited(dice, path, tree.Read(path)), moment());
        }
    }

    private static byte[] Edited(Dice dice, string path, byte[] content) => Path.GetExtension(path) switch
    {
        ".docx" => FileForge.Office(dice, dice.Between(6000, 60000), false),
        ".xlsx" => FileForge.Office(dice, dice.Between(6000, 60000), true),
        ".xml" => FileForge.Xml(dice, dice.Between(2000, 40000)),
        ".csv" => [.. content, .. FileForge.Csv(dice, dice.Between(200, 3000))[26..]],
        _ => Inserted(dice, content),
    };

    private static byte[] Inserted(Dice dice, byte[] content)
    {
        var at = dice.Below(content.Length + 1);
        return [.. content[..at], .. FileForge.Text(dice, dice.Between(20, 800)), .. content[at..]];
    }

    private static void Arrive(MemoryTree tree, Dice dice, DateTimeOffset at)
    {
        var n = $"{dice.Below(100_000_000):00000000}";
        var (path, content) = dice.Below(10) switch
        {
            0 => ($"bureautique/d{dice.Below(24):00}/note-{n}.docx", FileForge.Office(dice, dice.Between(6000, 60000), false)),
            1 => ($"courriers/d{dice.Below(12):00}/courrier-{n}.pdf", FileForge.Pdf(dice, dice.Between(15000, 60000))),
            2 or 3 or 4 => ($"pacs/d{dice.Below(40):00}/etude-{n}.dcm", FileForge.Dicom(dice, dice.Between(20000, 90000), dice.Below(3) != 0)),
            _ => ($"hl7/recus/d{dice.Below(6):00}/oru-{n}.hl7", FileForge.Hl7(dice)),
        };
        tree.Write($"{Root}/{path}", content, at);
    }

    private void RunMachines(MemoryTree tree, Dice dice, int day, DateTimeOffset evening, List<string> paths)
    {
        foreach (var path in paths)
        {
            if (path.StartsWith(Root + "/logs/", StringComparison.Ordinal) && path.EndsWith(".log", StringComparison.Ordinal))
            {
                var log = tree.Read(path);
                if (log.Length > 150_000)
                {
                    tree.Write(path + ".1", log, evening.AddHours(-20));
                    log = [];
                }
                tree.Write(path, [.. log, .. FileForge.Log(dice, dice.Between(2000, 12000), day)], evening.AddMinutes(-5));
            }
            else if (path.StartsWith(Root + "/dumps/", StringComparison.Ordinal) && path.EndsWith(".sql.gz", StringComparison.Ordinal))
                tree.Write(path, FileForge.SqlDump(dice, DumpLength + dice.Below(20_000)), evening.AddMinutes(-60));
            else if (path.StartsWith(Root + "/bases/", StringComparison.Ordinal)) tree.Write(path, WrittenPages(dice, tree.Read(path), path.Contains("/tde/", StringComparison.Ordinal)), evening.AddMinutes(-10));
        }
    }

    private static byte[] WrittenPages(Dice dice, byte[] database, bool isEncrypted)
    {
        var written = database.ToArray();
        var pages = written.Length / FileForge.Page;
        for (var i = Math.Max(1, pages / 60); i > 0; i--)
        {
            var page = dice.Between(1, pages - 1);
            if (isEncrypted) dice.Fill(written.AsSpan(page * FileForge.Page, FileForge.Page));
            else FileForge.DatabasePage(dice, written.AsSpan(page * FileForge.Page, FileForge.Page), page);
        }
        return written;
    }
}
