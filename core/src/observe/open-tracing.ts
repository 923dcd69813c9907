// Traces leave the hub only where OpenTelemetry's standard variables say where to; its SDK is loaded only then.
import { createTracing, type Tracing } from './tracing.ts';

export interface OpenTracing extends Tracing {
  /** Sends what is still waiting, within its own bound, and ends. */
  close(): Promise<void>;
}

export type TracingEnvironment = Readonly<Record<string, string | undefined>>;

/** Undefined: nobody asks for traces. The exporter reads its other settings (`OTEL_EXPORTER_OTLP_…`) itself. */
export async function openTracing(
  environment: TracingEnvironment,
  now: () => number,
): Promise<OpenTracing | undefined> {
  const {
    OTEL_EXPORTER_OTLP_ENDPOINT: base,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces,
    OTEL_SDK_DISABLED: disabled,
    OTEL_TRACES_EXPORTER: exporter = 'otlp',
    OTEL_SERVICE_NAME: service = 'tributary',
  } = environment;
  const url = traces ?? (base && `${base.replace(/\/$/, '')}/v1/traces`);
  if (!url || disabled === 'true' || exporter !== 'otlp') return undefined;
  const [{ BatchSpanProcessor, TracerProvider }, { OTLPTraceExporter }, resources] =
    await Promise.all([
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
  const provider = new TracerProvider({
    resource: resources.resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }) })],
  });
  return {
    ...createTracing(provider.getTracer('tributary'), now),
    close: () => provider.shutdown(),
  };
}
