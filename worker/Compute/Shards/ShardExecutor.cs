using System.Collections.Immutable;
using Cluster.Compute.Collectives;
using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Layers;
using Cluster.Compute.Steps;

namespace Cluster.Compute.Shards;

/// <summary>
/// Runs the steps of one shard, one at a time on the caller's thread: embed or receive, this stage's layers, then hand over or
/// summarize logits. Allocates nothing once the largest step has been seen.
/// </summary>
public sealed class ShardExecutor : IDisposable
{
    private readonly ShardModel _model;
    private readonly IStageLink? _link;
    private readonly ShardScratch _scratch;
    private readonly HeadScratch? _headScratch;
    private readonly LayerContext _context;

    /// <param name="caches">All of the same blocks; a batch says which it uses.</param>
    /// <param name="link">The neighbouring stages; null where the plan has one stage.</param>
    /// <param name="maxStepTokens">The largest step that will come, in tokens; sizes the activations.</param>
    /// <param name="keptSteps">Steps whose logits can be asked about again.</param>
    public ShardExecutor(
        IDevice device, ShardModel model, ImmutableArray<KvCacheShard> caches, ICollective collective, IStageLink? link, int maxStepTokens,
        int keptSteps = 1)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _link = link;
        MaxStepTokens = maxStepTokens;
        _scratch = new ShardScratch(
            device, maxStepTokens, model.HiddenSize, model.SumPlanes, model.Attention.QkvWidth, 2 * model.FeedForwardWidth);
        _context = new LayerContext(device, collective, caches, _scratch, model.NormEpsilon);
        foreach (var layer in model.Layers) layer.Reserve(_scratch);
        if (model.Head is { } head) _headScratch = new HeadScratch(_scratch, model.HiddenSize, head.VocabularySize, keptSteps);
    }

    public int MaxStepTokens { get; }

    /// <summary>Bytes of activations.</summary>
    public long ScratchBytes => _scratch.Bytes;

    /// <summary>Logits rows of a step that <see cref="SummarizeAgain"/> can answer.</summary>
    public int KeptLogitsRows(ulong stepId) => _headScratch?.Find(stepId)?.Count ?? 0;

    /// <summary>Where the time of the last step went, or of what was asked about it again.</summary>
    public StepTimes Times => _context.Times;

    /// <summary>Runs a step and leaves what this rank returns in <paramref name="output"/>.</summary>
    /// <exception cref="PeerLostException">A rank that this step needs is gone.</exception>
    public void Execute(StepBatch batch, StepOutput output)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(output);
        output.Clear();
        var timer = batch.TimesKernels ? _context.Device.KernelTimer : null;
        Times.Begin(StepPart.Other, hasKernels: timer is not null);
        timer?.Begin(Times);
        try
        {
            Run(batch, output);
        }
        finally
        {
            timer?.End();
        }
    }

    /// <summary>Answers logits rows of the step that the batch names again, with other candidate counts; on ranks of the last stage only.</summary>
    public void SummarizeAgain(StepBatch batch, StepOutput output)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(output);
        Times.Begin(StepPart.Head);
        output.Clear();
        if (_model.Head is not { } head) return;
        head.SummarizeAgain(_context, _headScratch!, batch, output);
        _context.Device.Synchronize();
        Times.End();
    }

    public void Dispose() => _scratch.Dispose();

    private void Run(StepBatch batch, StepOutput output)
    {
        var device = _context.Device;
        var tokens = batch.TokenCount;
        var hiddenCount = tokens * _model.HiddenSize;
        _context.UseCache(batch.Cache);
        foreach (var copy in batch.BlockCopies.Span) _context.Cache.CopyBlock(copy.Source, copy.Target);
        device.BeginStep(batch, _model.Rotary);
        if (_model.Embedding is { } embedding)
        {
            device.Embed(embedding, batch.TokenIds.Span, _context.Hidden);
        }
        else
        {
            Times.Enter(StepPart.Exchange);
            _link!.Receive(_context.Hidden, hiddenCount);
        }

        foreach (var layer in _model.Layers) layer.Forward(_context, tokens);
        if (_model.Head is { } head)
        {
            Times.Enter(StepPart.Head);
            head.Forward(_context, _headScratch!, batch, output);
        }
        else
        {
            _context.EnterExchange();
            _link!.Send(_context.Hidden, hiddenCount);
        }

        device.Synchronize();
        Times.End();
    }
}
