# Two stages: the first builds by the locks, the second holds only what runs, as a user without rights.
FROM python:3.13-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/underpin
WORKDIR /build
COPY requirements/ requirements/
RUN /opt/underpin/bin/pip install --require-hashes -r requirements/run.txt
COPY tools/ tools/
COPY graphql_api/graphiql/ graphql_api/graphiql/
RUN /opt/underpin/bin/python tools/fetch_graphiql.py
COPY pyproject.toml README.md LICENSE ./
COPY topology/ topology/
COPY importers/ importers/
COPY risk/ risk/
COPY graphql_api/ graphql_api/
COPY underpin/ underpin/
COPY examples/ examples/
RUN /opt/underpin/bin/pip install --no-deps --no-build-isolation .

FROM python:3.13-slim

RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/underpin underpin
COPY --from=build /opt/underpin /opt/underpin
ENV PATH=/opt/underpin/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /var/lib/underpin
EXPOSE 8000
ENTRYPOINT ["underpin"]
CMD ["serve", "--host", "0.0.0.0"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4).close()"]
USER underpin
