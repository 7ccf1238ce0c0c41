using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runs;

namespace BackupGuard.Continuity.Drawings;

/// <summary>A transition with the number it bears in the picture.</summary>
public sealed record NumberedTransition(int Number, TransitionDefinition Transition);

/// <param name="Svg">Null when there are too many states to read in one picture: the list says it all.</param>
public sealed record LifecyclePicture(string? Svg, IReadOnlyList<NumberedTransition> Transitions);

/// <summary>
/// The states of a runbook one below the other, those inside another state inside its frame. Ways down run on the right, ways
/// back up on the left, each in a lane of its own: no line ever crosses a box. Drawn from the definition, marked from the journal.
/// </summary>
public static class LifecycleDrawing
{
    public const int MostStates = 60;
    public const int MostTransitions = 150;

    private const double Indent = 16, Inner = 236, Gap = 22, Port = 17, Lane = 13, Label = 28;

    private sealed class Row(StateDefinition state, int index, int depth)
    {
        public StateDefinition State => state;
        public int Index => index;
        public int Depth => depth;
        public double Top { get; set; }
        public double Height { get; set; }

        /// <summary>Of the whole frame, for a state with states inside.</summary>
        public double Bottom { get; set; }
    }

    private sealed class Edge(int number, Row from, Row to, bool back)
    {
        public int Number => number;
        public Row From => from;
        public Row To => to;

        /// <summary>To wherever one came from.</summary>
        public bool Back => back;
        public bool Left => To.Index <= From.Index;
        public double FromY { get; set; }
        public double ToY { get; set; }
        public int Lane { get; set; }

        public Row Other(Row row) => row == From ? To : From;
    }

    /// <param name="id">Of this picture on its page.</param>
    /// <param name="run">Marks where it stands; null: in peace time.</param>
    public static LifecyclePicture Of(RunbookDefinition runbook, string language, string id, RunState? run = null)
    {
        var lifecycle = runbook.Lifecycle;
        var numbered = lifecycle.All.SelectMany(s => s.Transitions).Index().Select(t => new NumberedTransition(t.Index + 1, t.Item)).ToList();
        if (lifecycle.All.Count > MostStates || numbered.Count > MostTransitions)
        {
            return new(null, numbered);
        }

        var rows = lifecycle.All.Index().ToDictionary(s => s.Item.Id, s => new Row(s.Item, s.Index, lifecycle.Path(s.Item.Id).Count() - 1), StringComparer.Ordinal);
        var edges = numbered.Select(n => new Edge(n.Number, rows[n.Transition.From], rows.GetValueOrDefault(n.Transition.To.Id) ?? rows[n.Transition.From], n.Transition.To.Id == Lifecycle.Previous)).ToList();
        return new(new Sketch(runbook, [.. rows.Values.OrderBy(r => r.Index)], edges, language, run).Draw(id), numbered);
    }

    private sealed class Sketch(RunbookDefinition runbook, List<Row> rows, List<Edge> edges, string language, RunState? run)
    {
        private readonly SvgCanvas canvas = new();
        private readonly double frame = Inner + (2 * Indent * rows.Max(r => r.Depth));
        private double left;

        private bool French => language != "en";

        public string Draw(string id)
        {
            var height = Place();
            Lanes(edges.Where(e => e.Left && !e.Back));
            Lanes(edges.Where(e => !e.Left));
            left = 14 + Label + (Lane * (edges.Where(e => e.Left && !e.Back).Select(e => e.Lane + 1).DefaultIfEmpty(0).Max() + 1));
            var right = left + frame + Label + 14 + (Lane * (edges.Where(e => !e.Left).Select(e => e.Lane + 1).DefaultIfEmpty(0).Max() + 1));
            rows.ForEach(Box);
            edges.ForEach(Line);
            return canvas.Picture(id, right, height,
                French ? $"Cycle de vie\u00a0: {runbook.Title.Fr}" : $"Lifecycle: {runbook.Title.In(language)}",
                Describe());
        }

        private string Describe()
        {
            var states = string.Join(", ", rows.Select(r => Name(r.State)));
            var here = run is null ? "" : French ? $" État présent\u00a0: {Name(runbook.Lifecycle.Find(run.State), run.State)}." : $" Present state: {Name(runbook.Lifecycle.Find(run.State), run.State)}.";
            return French ? $"{rows.Count} états\u00a0: {states}.{here} Les passages portent les numéros de la liste." : $"{rows.Count} states: {states}.{here} Transitions bear the numbers of the list.";
        }

        /// <summary>Heights from texts and from how many lines begin or end at each side; where they begin and end.</summary>
        private double Place()
        {
            var y = 26.0;
            var open = new Stack<Row>();
            foreach (var row in rows)
            {
                while (open.TryPeek(out var outer) && outer.Depth >= row.Depth) y = Shut(open.Pop(), y);
                row.Top = y;
                row.Height = Math.Max(20 + (18 * Lines(row).Count), 8 + (Port * Math.Max(Ports(row, onLeft: true), Ports(row, onLeft: false))));
                row.Bottom = y + row.Height;
                y = row.Bottom + Gap;
                if (row.State.Children.Count > 0) open.Push(row);
            }

            while (open.TryPop(out var outer)) y = Shut(outer, y);
            return y;
        }

        private static double Shut(Row outer, double y)
        {
            outer.Bottom = y - Gap + 12;
            return outer.Bottom + Gap;
        }

        /// <summary>From top to bottom: lines from above, the nearest first; then lines to below, the farthest first. So those that run in parallel do not cross.</summary>
        private int Ports(Row row, bool onLeft)
        {
            var mine = edges.Where(e => e.Left == onLeft && (e.From == row || e.To == row)).OrderBy(e => e.Other(row).Index > row.Index).ThenByDescending(e => e.Other(row).Index).ThenBy(e => e.Number).ToList();
            var port = 0;
            foreach (var edge in mine)
            {
                if (edge.From == row) edge.FromY = row.Top + 11 + (Port * port++);
                if (edge.To == row && !edge.Back) edge.ToY = row.Top + 11 + (Port * port++);
            }

            return port;
        }

        /// <summary>Short lines nearest to the boxes; two that would lie on one another get two lanes.</summary>
        private static void Lanes(IEnumerable<Edge> side)
        {
            var lanes = new List<List<(double From, double To)>>();
            foreach (var edge in side.OrderBy(e => Math.Abs(e.ToY - e.FromY)).ThenBy(e => e.Number))
            {
                var (from, to) = (Math.Min(edge.FromY, edge.ToY) - 3, Math.Max(edge.FromY, edge.ToY) + 3);
                edge.Lane = lanes.FindIndex(l => l.TrueForAll(o => o.To < from || to < o.From));
                if (edge.Lane < 0)
                {
                    edge.Lane = lanes.Count;
                    lanes.Add([]);
                }

                lanes[edge.Lane].Add((from, to));
            }
        }

        private void Box(Row row)
        {
            var (state, x, width) = (row.State, Left(row), Right(row) - Left(row));
            var here = run?.State == state.Id;
            var around = run is not null && runbook.Lifecycle.Path(run.State).Any(s => s.Id == state.Id);
            canvas.Open(here ? "here" : around ? "around" : run?.Visits.ContainsKey(state.Id) == true ? "past" : "state-box");
            canvas.Rectangle(x, row.Top, width, row.Bottom - row.Top, here ? 4 : around ? 2.5 : 1.5, round: state.Children.Count > 0 ? 8 : 3);
            if (state.Final) canvas.Rectangle(x + 4, row.Top + 4, width - 8, row.Bottom - row.Top - 8, 1.5);
            foreach (var (index, line) in Lines(row).Index()) canvas.Text(x + 12, row.Top + 24 + (18 * index), line.Text, bold: line.Bold);
            canvas.Close();
            if (IsInitial(state))
            {
                canvas.Dot(x + 20, row.Top - 16, 5);
                canvas.Path($"M{SvgCanvas.N(x + 20)} {SvgCanvas.N(row.Top - 16)}v9", 1.5);
                canvas.Path($"M{SvgCanvas.N(x + 20)} {SvgCanvas.N(row.Top - 1)}l-4.5 -7h9z", 0, filled: true);
            }
        }

        private void Line(Edge edge)
        {
            var side = edge.Left ? -1 : 1;
            var outside = edge.Left ? left : left + frame;
            var fromX = edge.Left ? Left(edge.From) : Right(edge.From);
            canvas.Text(outside + (side * 11), edge.FromY - 3, SvgCanvas.N(edge.Number), size: 12, bold: true, anchor: edge.Left ? "end" : "start");
            if (edge.Back)
            {
                // Back to wherever one came from: a way out without an end of its own.
                canvas.Path($"M{SvgCanvas.N(fromX)} {SvgCanvas.N(edge.FromY)}H{SvgCanvas.N(outside - Label - 4)}", 1.5, "5 3");
                canvas.Arrow(outside - Label - 10, edge.FromY, -1);
                return;
            }

            var lane = outside + (side * (Label + (Lane * edge.Lane)));
            var toX = edge.Left ? Left(edge.To) : Right(edge.To);
            canvas.Path($"M{SvgCanvas.N(fromX)} {SvgCanvas.N(edge.FromY)}H{SvgCanvas.N(lane)}V{SvgCanvas.N(edge.ToY)}H{SvgCanvas.N(toX + (side * 6))}", 1.5);
            canvas.Arrow(toX + side, edge.ToY, -side);
        }

        private List<(string Text, bool Bold)> Lines(Row row)
        {
            List<(string, bool)> lines = [.. SvgCanvas.Wrap(Name(row.State), 27, 3).Select(l => (l, true))];
            if (Word(row.State) is { Length: > 0 } word) lines.Add((word, false));
            return lines;
        }

        private string Word(StateDefinition state)
        {
            if (run?.State == state.Id) return French ? "◆ état présent" : "◆ present state";
            if (run?.Paused == state.Id) return French ? "‖ en pause" : "‖ paused";
            if (state.Final) return French ? "état final" : "final state";
            return state.Children.Count == 0 && run?.Visits.ContainsKey(state.Id) == true ? French ? "déjà traversé" : "been there" : "";
        }

        private bool IsInitial(StateDefinition state) => (state.Parent == "" ? runbook.Lifecycle.Initial : runbook.Lifecycle.Find(state.Parent)?.Initial)?.Id == state.Id;

        private double Left(Row row) => left + (Indent * row.Depth);

        private double Right(Row row) => left + frame - (Indent * row.Depth);

        private string Name(StateDefinition? state, string otherwise = "") => state?.Title.In(language) is { Length: > 0 } title ? title : state?.Id ?? otherwise;
    }
}
