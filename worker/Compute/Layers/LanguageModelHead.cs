using Cluster.Compute.Devices;
using Cluster.Compute.Steps;

namespace Cluster.Compute.Layers;

/// <summary>
/// The vocabulary-parallel head of the last stage: final norm and this rank's rows of the output matrix, reduced at once to what
/// sampling needs. Logits exist for a few rows at a time only; the normed hidden states of the last steps' rows are kept, so that more
/// candidates of the same rows can be had later. Where hidden states themselves are wanted, its first rank gives them.
/// </summary>
/// <param name="vocabularyStart">First token id of this rank's rows.</param>
internal sealed class LanguageModelHead(int vocabularyStart, DeviceBuffer normGain, Matrix output) : IDisposable
{
    /// <summary>Rows whose logits exist at once: enough to reuse weights well, few enough for a 150k vocabulary to stay at 10 MB.</summary>
    public const int RowsAtOnce = 16;

    private readonly Matrix[] _output = [output];
    private readonly GrowingArray<int> _rows = new();

    /// <summary>Token ids of this rank's part of the vocabulary.</summary>
    public int VocabularySize => output.Rows;

    /// <summary>Answers the step's logits rows from the hidden states of its tokens.</summary>
    public void Forward(LayerContext context, HeadScratch scratch, StepBatch batch, StepOutput result)
    {
        var device = context.Device;
        TakeRows(batch);
        var hidden = Gather(device, context.Hidden, _rows.Span, scratch);
        var kept = scratch.Keep(batch.StepId, _rows.Count);
        device.RmsNorm(hidden, normGain, context.NormEpsilon, _rows.Count, kept.States);
        for (var row = 0; row < _rows.Count; row++) _rows[row] = row;
        Summarize(device, scratch, kept, batch, result);
        if (vocabularyStart == 0 && batch.PooledRanges.Count > 0) Pool(context, batch, result);
    }

    /// <summary>Answers rows of the step that the batch names again; <see cref="LogitsRow.Token"/> then indexes that step's rows.</summary>
    /// <exception cref="ArgumentException">The step's rows are not kept any more.</exception>
    public void SummarizeAgain(LayerContext context, HeadScratch scratch, StepBatch batch, StepOutput result)
    {
        TakeRows(batch);
        var kept = scratch.Find(batch.StepId) ?? throw new ArgumentException($"rows of step {batch.StepId} are not kept any more", nameof(batch));
        Summarize(context.Device, scratch, kept, batch, result);
    }

    public void Dispose()
    {
        normGain.Dispose();
        output.Dispose();
    }

    /// <summary>Adds up the normed hidden states of each range: all ranks have the same, to the last bit.</summary>
    private void Pool(LayerContext context, StepBatch batch, StepOutput result)
    {
        var normed = context.Scratch.Normed;
        context.Device.RmsNorm(context.Hidden, normGain, context.NormEpsilon, batch.TokenCount, normed);
        var states = normed.ReadHost(batch.TokenCount * output.Columns);
        foreach (ref var range in batch.PooledRanges.Span)
        {
            var sum = result.PooledSums.Append(output.Columns);
            sum.Clear();
            for (var token = range.FirstToken; token < range.FirstToken + range.TokenCount; token++)
            {
                var state = states.Slice(token * output.Columns, output.Columns);
                for (var i = 0; i < sum.Length; i++) sum[i] += state[i];
            }
        }
    }

    /// <summary>Rows of a buffer side by side: where they are, if they are its first ones, which spares decode steps two operations.</summary>
    private DeviceBuffer Gather(IDevice device, DeviceBuffer source, ReadOnlySpan<int> rows, HeadScratch scratch)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i] == i) continue;
            device.GatherRows(source, output.Columns, rows, scratch.Gathered);
            return scratch.Gathered;
        }

        return source;
    }

    private void TakeRows(StepBatch batch)
    {
        _rows.Clear();
        foreach (ref var row in batch.LogitsRows.Span) _rows.Add(row.Token);
    }

    /// <summary>Answers the batch's rows from the kept hidden states that <see cref="_rows"/> names.</summary>
    private void Summarize(IDevice device, HeadScratch scratch, KeptRows kept, StepBatch batch, StepOutput result)
    {
        for (var first = 0; first < _rows.Count; first += RowsAtOnce)
        {
            var count = Math.Min(RowsAtOnce, _rows.Count - first);
            var states = Gather(device, kept.States, _rows.Span.Slice(first, count), scratch);
            var logits = batch.Baseline == BaselineUse.Keep ? scratch.Baseline.Part(first / RowsAtOnce) : scratch.Logits;
            device.MatMul(_output, states, count, logits);
            device.SummarizeLogits(logits, output.Rows, vocabularyStart, batch, first, count, result);
            if (batch.Baseline == BaselineUse.Compare)
                device.CompareLogits(logits, scratch.Baseline.Part(first / RowsAtOnce), output.Rows, count, result);
        }
    }
}
